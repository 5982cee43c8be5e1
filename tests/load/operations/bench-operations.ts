import { parseArgs } from 'node:util';
import { formats, mergeParts, partsOf } from '../../gateway/support/deferred-answers.js';
import { leaveFirstCore } from '../cores.js';
import { benchCases, type BenchCase } from '../gateway/bench-cases.js';
import type { Contender } from '../gateway/contenders/contender.js';
import { proxy } from '../gateway/contenders/proxy.js';
import { tesseraWith } from '../gateway/contenders/tessera.js';
import { formatReport } from '../gateway/report.js';
import { runCase } from '../gateway/run-case.js';
import { summarise } from '../gateway/summary.js';
import { createGuardedContenders, type GuardedContenders } from './guarded-contenders.js';

interface OperationCase {
  readonly benchCase: BenchCase;
  /** Starts what the contenders need. */
  prepare(): Promise<PreparedCase>;
}

type PreparedCase = Pick<GuardedContenders, 'contenders' | 'close'>;

const keeping = tesseraWith({ ANSWER_CACHE: 'public' });
const atOnce = tesseraWith({});

/** Reviews may come later: the same query as of who is answered at once, and as much to do. */
const withReviews: BenchCase = {
  name: 'deferred',
  graph: 'shop',
  query: '{ topProducts { upc name price inStock ... { reviews { id body author { id name } } } } }',
  variables: undefined,
  connections: 50,
  servedBy: undefined,
};
const inParts: Contender = {
  ...atOnce,
  headers: { accept: formats['20220824'] },
  bodyOf: (query) => JSON.stringify({ query: query.replace('... {', '... @defer {') }),
  readAnswer: (body) => mergeParts(partsOf('multipart/mixed;boundary="-"', body)),
};

/** What needs nothing to be started. */
function alone(...contenders: readonly Contender[]): () => Promise<PreparedCase> {
  return async () => ({ contenders, close: async () => undefined });
}

/** The small operation of the gateway's bench, each time under other settings; the proxy is asked by POST. */
const cases: readonly OperationCase[] = benchCases
  .filter(({ name }) => name === 'small')
  .flatMap((small) => [
    {
      benchCase: { ...small, name: 'persisted' },
      prepare: () => createGuardedContenders(small.query),
    },
    {
      benchCase: { ...small, name: 'answer-cache-hit', graph: 'kept-shop' },
      prepare: alone({ ...keeping, method: 'GET' }, proxy),
    },
    {
      benchCase: { ...small, name: 'answer-cache-hit-post', graph: 'kept-shop' },
      prepare: alone(keeping, proxy),
    },
    { benchCase: withReviews, prepare: alone(inParts, { ...atOnce, name: 'at once' }) },
  ]);

/** Measures operations against what no gateway on Node can beat when it asks a subgraph. */
export async function benchOperations(commandLine: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...commandLine],
    options: {
      cases: { type: 'string', default: cases.map(({ benchCase }) => benchCase.name).join() },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
    },
  });
  await leaveFirstCore();
  const names = values.cases.split(',');
  const roundMs = Number(values.seconds) * 1_000;
  const options = { rounds: Number(values.rounds), roundMs, warmUpMs: roundMs, core: 0 };
  for (const { benchCase, prepare } of cases.filter(({ benchCase: { name } }) => names.includes(name))) {
    const { contenders, close } = await prepare();
    try {
      const result = await runCase(benchCase, contenders, options);
      process.stdout.write(`\n${formatReport(summarise(result))}\n`);
    } finally {
      await close();
    }
  }
}
