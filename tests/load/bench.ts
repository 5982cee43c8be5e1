import { benchAuth } from './auth/bench-auth.js';
import { benchGateway } from './gateway/bench-gateway.js';
import { benchH2c } from './h2c/bench-h2c.js';
import { benchOperations } from './operations/bench-operations.js';
import { benchOverload } from './overload/bench-overload.js';
import { benchStart } from './start/bench-start.js';
import { benchBombs } from './steadiness/bench-bombs.js';
import { benchFaultySubgraph } from './steadiness/bench-faulty-subgraph.js';
import { benchReload } from './steadiness/bench-reload.js';
import { benchStalledClient } from './subscriptions/bench-stalled-client.js';
import { benchSubscriptions } from './subscriptions/bench-subscriptions.js';
import { benchTenancy } from './tenancy/bench-tenancy.js';

/** `npm run bench -- <what> [options]` */
const benches: ReadonlyMap<string, (commandLine: readonly string[]) => Promise<void>> = new Map([
  ['auth', benchAuth],
  ['gateway', benchGateway],
  ['h2c', benchH2c],
  ['operations', benchOperations],
  ['start', benchStart],
  ['overload', benchOverload],
  ['bombs', benchBombs],
  ['reload', benchReload],
  ['faulty-subgraph', benchFaultySubgraph],
  ['subscriptions', benchSubscriptions],
  ['stalled-client', benchStalledClient],
  ['tenancy', benchTenancy],
  ['connections', (commandLine) => benchGateway(['--cases', 'crowd', '--against', 'stock', ...commandLine])],
]);

const [, , what = '', ...commandLine] = process.argv;
const bench = benches.get(what);
if (bench === undefined) {
  process.stderr.write(`Say what to measure: ${[...benches.keys()].join(', ')}\n`);
  process.exitCode = 64;
} else {
  await bench(commandLine);
}
