import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { createTopic } from '../../support/streaming-subgraph.js';
import type { Resolvers } from '../../support/fake-subgraph.js';

/** What dashboards listen to. */
export const eventTypes = `
  type LiveMetrics {
    at: Float! eventsPerSecond: Float! requestsPerSecond: Float! errorRate: Float!
    latencyP50Ms: Float! latencyP95Ms: Float! latencyP99Ms: Float! activeConnections: Int! activeUsers: Int!
  }
`;

/** What they ask for. */
export const eventQuery = `subscription { liveMetrics { at eventsPerSecond requestsPerSecond errorRate
  latencyP50Ms latencyP95Ms latencyP99Ms activeConnections activeUsers } }`;

/** What the source of events has done so far. */
export interface SourceCounts {
  readonly published: number;
  /** Events times the streams that they were made for. */
  readonly resolutions: number;
}

/** Microseconds on a clock that all processes of the machine share. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1_000n);

/** Events on command. */
export interface LiveEvents {
  readonly resolvers: Resolvers;
  /** `GET /publish` makes an event, `GET /counts` tells what was done; the rest is `answer`'s. */
  serve(answer: (query: string, request: IncomingMessage) => Promise<unknown>): Server;
}

/** Makes the source of one process. */
export function createLiveEvents(): LiveEvents {
  const topic = createTopic<number>();
  let published = 0;
  let resolutions = 0;
  const resolve = (at: number): object => {
    resolutions += 1;
    return {
      at,
      eventsPerSecond: 1_204.4,
      requestsPerSecond: 310.25,
      errorRate: 0.0015,
      latencyP50Ms: 4.5,
      latencyP95Ms: 21.75,
      latencyP99Ms: 80.125,
      activeConnections: 10_000,
      activeUsers: 9_871,
    };
  };
  const commands = new Map<string | undefined, () => unknown>([
    [
      '/publish',
      () => {
        published += 1;
        topic.publish(nowUs());
      },
    ],
    ['/counts', (): SourceCounts => ({ published, resolutions })],
    ['/.well-known/apollo/server-health', () => ({ status: 'pass' })],
  ]);
  return {
    resolvers: { Subscription: { liveMetrics: { subscribe: () => topic.listen(), resolve } } },
    serve: (answer) =>
      createServer((request, response) => {
        const command = commands.get(request.url);
        const answered =
          command === undefined
            ? text(request).then((body) => answer((JSON.parse(body) as { query: string }).query, request))
            : Promise.resolve(command());
        answered.then(
          (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? null)),
          () => response.writeHead(500).end(),
        );
      }),
  };
}
