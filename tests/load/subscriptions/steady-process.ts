import { createTopic, startStreamingSubgraph } from '../../support/streaming-subgraph.js';
import { nowUs } from './live-events.js';
import { steadyTypes } from './steady-types.js';

/** Child process: a subgraph that makes so many events of so many bytes a second. It sends its port. */
const [eventsPerSecond = 0, fillingBytes = 0] = process.argv.slice(2).map(Number);
const turnMs = 5;

interface Made {
  readonly at: number;
  readonly filling: string;
}

const topic = createTopic<Made>();
const field = { subscribe: () => topic.listen(), resolve: (event: Made) => event };
const subgraph = await startStreamingSubgraph({
  typeDefs: steadyTypes,
  resolvers: { Subscription: { every: field, latest: field } },
});
const filling = 'x'.repeat(fillingBytes);
let owed = 0;
let lastMs = performance.now();
setInterval(() => {
  const now = performance.now();
  // What a machine that stood still could not make is not made up for.
  owed += Math.min(((now - lastMs) * eventsPerSecond) / 1_000, eventsPerSecond / 10);
  lastMs = now;
  for (; owed >= 1; owed -= 1) topic.publish({ at: nowUs(), filling });
}, turnMs);
process.once('disconnect', () => process.exit());
process.send?.(subgraph.port);
