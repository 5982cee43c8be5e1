import { LoadConnection } from './load-connection.js';

/** What one round of load showed. */
export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
}

export interface LoadOptions {
  readonly port: number;
  readonly path: string;
  readonly body: string;
  /** GET: what the body has goes into the URL. Default POST. */
  readonly method?: 'GET' | 'POST' | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly connections: number;
  readonly durationMs: number;
  /** Judges the first answer; all later ones must have the same bytes. @throws Error for a wrong answer */
  readonly verify: (answer: string) => void;
}

/** Puts a closed loop of load on a port: each connection sends its next request when the last one is answered. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { port, verify, durationMs } = options;
  const request = options.method === 'GET' ? writeGet(options) : writePost(options);
  const connections = await Promise.all(Array.from({ length: options.connections }, () => LoadConnection.open(port)));
  try {
    const [first] = connections;
    if (first === undefined) throw new Error('A load needs a connection');
    const expected = Buffer.from(await first.exchange(request));
    verify(expected.toString());
    const latencies: number[] = [];
    const startedAt = performance.now();
    const endsAt = startedAt + durationMs;
    await Promise.all(
      connections.map(async (connection) => {
        for (let sentAt = performance.now(); sentAt < endsAt;) {
          const answer = await connection.exchange(request);
          if (!answer.equals(expected)) throw new Error("An answer differs from the round's first");
          const now = performance.now();
          latencies.push(now - sentAt);
          sentAt = now;
        }
      }),
    );
    return summarise(latencies, performance.now() - startedAt);
  } finally {
    for (const connection of connections) connection.close();
  }
}

function writePost({ port, path, body, headers }: LoadOptions): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
      `${formatHeaders(headers)}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function writeGet({ port, path, body, headers }: LoadOptions): Buffer {
  const parameters = Object.entries(JSON.parse(body) as Record<string, unknown>);
  const search = new URLSearchParams(
    parameters.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
  return Buffer.from(`GET ${path}?${search} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${formatHeaders(headers)}\r\n`);
}

function formatHeaders(headers: LoadOptions['headers'] = {}): string {
  return Object.entries({ accept: 'application/json', ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

function summarise(latencies: number[], elapsedMs: number): LoadResult {
  const sorted = Float64Array.from(latencies).sort();
  const quantile = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    requests: sorted.length,
    requestsPerSecond: (sorted.length / elapsedMs) * 1_000,
    latencyP50Ms: quantile(0.5),
    latencyP99Ms: quantile(0.99),
  };
}
