import { benchGateway } from './gateway/bench-gateway.js';

/** `npm run bench -- <what> [options]` */
const benches: ReadonlyMap<string, (commandLine: readonly string[]) => Promise<void>> = new Map([
  ['gateway', benchGateway],
]);

const [, , what = '', ...commandLine] = process.argv;
const bench = benches.get(what);
if (bench === undefined) {
  process.stderr.write(`Say what to measure: ${[...benches.keys()].join(', ')}\n`);
  process.exitCode = 64;
} else {
  await bench(commandLine);
}
