import { loadGatewayConfig } from '@tessera/gateway/config';
import { createGateway, type Gateway } from '@tessera/gateway/gateway';
import { composeSubgraphs } from '../../support/compose-subgraphs.js';
import { createEventLog, type EventLog } from '../../support/event-log.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import {
  createTopic,
  startStreamingSubgraph,
  type StreamingSubgraph,
  type Topic,
} from '../../support/streaming-subgraph.js';
import { openRawSocket, type ProtocolMessage, type RawSocket } from './raw-socket.js';

export interface Change {
  readonly number: number;
  /** When it says that it was published. */
  readonly publishedAtMs?: number;
}

/** A gateway before a subgraph whose events have ids, and one that knows more about them. */
export interface NumberedStreams {
  readonly gateway: Gateway;
  /** Another one of the same kind. @param port default: a free one */
  startGateway(port?: number): Promise<Gateway>;
  readonly url: string;
  readonly changes: EventLog<Change>;
  /** Events without ids. */
  readonly ticks: Topic<Change>;
  readonly streams: StreamingSubgraph;
  /** Squares wait from now on. @returns lets them be answered */
  holdSquares(): () => void;
  /** Publishes changes from one number to another. */
  publish(first: number, last: number): void;
  /** Publishes changes, one after the other. @returns ends it, and says how many they were */
  publishSteadily(): () => number;
  openSocket(): Promise<RawSocket>;
  /** The supergraph with other types in the streaming subgraph, or with what is noted known elsewhere. */
  supergraph(parts?: SupergraphParts): string;
  /** @param label `name="value"` of the series */
  metric(name: string, label?: string): Promise<number>;
  close(): Promise<void>;
}

export interface SupergraphParts {
  /** Fields of `Change`; default: `kind` and `note` too. */
  readonly changeFields?: string;
  /** Fields that the other subgraph has of `Change`. */
  readonly moreFields?: string;
}

const header = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

export const changeTypes = (fields: string): string => `${header}
  type Query { nothing: Int }
  type Subscription { changes: Change! ticks: Change! }
  type Change @key(fields: "number") { number: Int! filling(bytes: Int!): String ${fields} }
`;

export const moreTypes = (fields: string): string => `${header}
  type Query { nobody: Int }
  type Change @key(fields: "number") { number: Int! square: Int! ${fields} }
`;

/** An instance of the subgraph that sends changes. */
export function startChanges(
  changes: EventLog<Change>,
  ticks: Topic<Change>,
  port?: number,
): Promise<StreamingSubgraph> {
  return startStreamingSubgraph({
    typeDefs: changeTypes('kind: String note: String'),
    resolvers: {
      Subscription: {
        changes: {
          subscribe: (_source: unknown, _values: unknown, context: unknown) =>
            changes.listen((context as { readonly lastEventId?: unknown }).lastEventId),
          resolve: (change: Change) => change,
        },
        ticks: { subscribe: () => ticks.listen(), resolve: (change: Change) => change },
      },
      Change: {
        kind: () => 'change',
        note: () => 'noted by the one',
        filling: (_change: Change, { bytes }: { bytes: number }) => 'x'.repeat(bytes),
      },
    },
    ...(port !== undefined && { port }),
  });
}

/** Starts everything on free ports. */
export async function startNumberedStreams(
  environment: Readonly<Record<string, string>> = {},
): Promise<NumberedStreams> {
  const leftovers = createLeftovers();
  const changes = createEventLog<Change>();
  const ticks = createTopic<Change>();
  const streams = await startChanges(changes, ticks);
  leftovers.defer('streams', () => streams.close());
  let held: Promise<void> = Promise.resolve();
  const more = await startStreamingSubgraph({
    typeDefs: moreTypes('note: String'),
    resolvers: {
      Change: {
        __resolveReference: (change: object) => change,
        square: async ({ number }: Change) => {
          await held;
          return number * number;
        },
        note: () => 'noted by the other',
      },
    },
  });
  leftovers.defer('more', () => more.close());

  const supergraph = ({ changeFields = 'kind: String note: String', moreFields = '' }: SupergraphParts = {}): string =>
    composeSubgraphs([
      { name: 'streams', url: streams.url, typeDefs: changeTypes(changeFields) },
      { name: 'more', url: more.url, typeDefs: moreTypes(moreFields) },
    ]);
  const startGateway = async (port = 0): Promise<Gateway> => {
    const gateway = await createGateway({
      config: loadGatewayConfig({
        PORT: String(port),
        INTERNAL_PORT: '0',
        HOST: '127.0.0.1',
        DRAIN_DELAY_MS: '0',
        RATE_LIMITS: 'none',
        PLAN_TIMEOUT_MS: '20000',
        ...environment,
      }),
      supergraphSdl: supergraph(),
      logger: quietLogger(),
    });
    leftovers.defer('gateway', () => gateway.stop());
    return gateway;
  };
  const gateway = await startGateway();
  const url = `http://127.0.0.1:${gateway.port}/graphql`;
  return {
    gateway,
    startGateway,
    url,
    changes,
    ticks,
    streams,
    holdSquares() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    publish(first, last) {
      for (let number = first; number <= last; number += 1) changes.publish({ number });
    },
    publishSteadily() {
      let number = 0;
      // A machine that is slow is not given more to do for that.
      const timer = setInterval(() => number < 400 && changes.publish({ number: (number += 1) }), 5);
      return () => {
        clearInterval(timer);
        return number;
      };
    },
    async openSocket() {
      const socket = await openRawSocket(url.replace('http', 'ws'));
      leftovers.defer('socket', () => socket.socket.terminate());
      await socket.initialise();
      return socket;
    },
    supergraph,
    async metric(name, label = '') {
      const text = await (await fetch(`http://127.0.0.1:${gateway.internalPort}/metrics`)).text();
      return Number(new RegExp(`^${name}(?:\\{[^}]*${label}[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    },
    close: () => leftovers.close(),
  };
}

interface NextPayload {
  readonly data?: { readonly changes?: Change; readonly ticks?: Change } | null;
  readonly extensions?: { readonly eventId?: string; readonly mayFollowGap?: boolean };
}

export const payloadOf = ({ payload }: ProtocolMessage): NextPayload => payload as NextPayload;

/** Subscribes on a socket. */
export function subscribe(
  { send }: RawSocket,
  query: string,
  extensions: Readonly<Record<string, unknown>> = {},
  id = '1',
): void {
  send({ id, type: 'subscribe', payload: { query, extensions } });
}

/** Takes so many events from a socket. @returns their numbers */
export async function numbersOf(socket: RawSocket, count: number): Promise<unknown[]> {
  const numbers: unknown[] = [];
  while (numbers.length < count) {
    const message = await socket.next();
    const { data } = payloadOf(message);
    numbers.push(message.type === 'next' ? (data?.changes ?? data?.ticks)?.number : message);
  }
  return numbers;
}

export const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
