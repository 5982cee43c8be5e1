import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LoadConnection } from '../gateway/load-connection.js';

/** One request of the load. */
export interface Sample {
  /** When it was due, by `performance.now`. */
  readonly dueAtMs: number;
  readonly latencyMs: number;
}

export interface SteadyLoadOptions {
  readonly port: number;
  /** GraphQL operations, sent in turn. */
  readonly queries: readonly string[];
  readonly requestsPerSecond: number;
  readonly connections: number;
}

/** A load that keeps its pace whatever the answers take. */
export interface SteadyLoad {
  /**
   * Before something is measured: forgets what was answered, and collects what this process has made. Left to itself that takes
   * up to a tenth of a second at any time, which would seem to be the gateway's.
   */
  begin(): Promise<void>;
  /** What was answered since the last time. */
  take(): Sample[];
  /** What went wrong so far: an answer that is not the first one's, another status, a lost connection. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
/** After which requests that came due meanwhile are answered. */
const settleMs = 300;

/**
 * Starts a load that stands for everybody else. A request that is due while its connection still waits counts from when
 * it was due: otherwise a gateway that stops for a second would have delayed one request only.
 */
export async function startSteadyLoad(options: SteadyLoadOptions): Promise<SteadyLoad> {
  const { port, queries, requestsPerSecond, connections: count } = options;
  const requests = queries.map((query) => toRequest(port, JSON.stringify({ query })));
  const expected = new Map<Buffer, Buffer>();
  const connections = await Promise.all(Array.from({ length: count }, () => LoadConnection.open(port)));
  const [first] = connections;
  for (const request of requests) expected.set(request, Buffer.from((await first?.exchange(request)) ?? []));
  const intervalMs = (1_000 * count) / requestsPerSecond;
  const startedAtMs = performance.now();
  const failures: string[] = [];
  let samples: Sample[] = [];
  let sent = 0;
  let isOver = false;

  async function send(connection: LoadConnection): Promise<void> {
    const request = requests[(sent += 1) % requests.length] ?? Buffer.alloc(0);
    const answer = await connection.exchange(request);
    if (!answer.equals(expected.get(request) ?? answer)) failures.push(answer.toString('utf8', 0, 500));
  }

  async function keepPace(index: number): Promise<void> {
    let connection = connections[index] ?? (await LoadConnection.open(port));
    for (let dueAtMs = startedAtMs + (index * intervalMs) / count; !isOver; dueAtMs += intervalMs) {
      const earlyMs = dueAtMs - performance.now();
      if (earlyMs > 0) await wait(earlyMs);
      // A timer that fires late is this process's fault, a connection that is not free is not.
      const fromMs = earlyMs > 0 ? performance.now() : dueAtMs;
      try {
        await send(connection);
      } catch (error) {
        failures.push(String(error));
        connection.close();
        connection = await LoadConnection.open(port);
      }
      samples.push({ dueAtMs: fromMs, latencyMs: performance.now() - fromMs });
    }
    connection.close();
  }

  const running = Promise.all(connections.map((_, index) => keepPace(index)));
  return {
    failures,
    async begin() {
      collectGarbage();
      await wait(settleMs);
      samples = [];
    },
    take() {
      const taken = samples;
      samples = [];
      return taken;
    },
    async stop() {
      isOver = true;
      await running;
    },
  };
}

function toRequest(port: number, body: string): Buffer {
  const head = `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\naccept: application/json`;
  return Buffer.from(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** @param share 0.99: the latency that 99 of 100 requests stay within */
export function quantile(samples: readonly Sample[], share: number): number {
  const sorted = Float64Array.from(samples, ({ latencyMs }) => latencyMs).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
