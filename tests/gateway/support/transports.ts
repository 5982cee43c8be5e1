import type { FormattedExecutionResult } from 'graphql';
import { openRawSocket } from './raw-socket.js';
import { openRawStream, type RawStream } from './raw-stream.js';

export interface SentOperation {
  readonly query?: string | undefined;
  readonly operationName?: string;
  readonly variables?: unknown;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface SendOptions {
  /** `Authorization`, wherever the transport carries it. */
  readonly authorization?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Told of each answer as it comes. */
  readonly onAnswer?: (answer: FormattedExecutionResult) => void;
}

/** What became of an operation. */
export interface Outcome {
  /** All answers, in their order; an operation that was refused has one, or none where the transport ended instead. */
  readonly answers: readonly FormattedExecutionResult[];
  /** The code of the first error, or what the transport ended with: an HTTP status, a close code. */
  readonly code: unknown;
}

export type OperationKind = 'query' | 'mutation' | 'subscription';

/** One way to send an operation to a gateway. */
export interface Transport {
  readonly name: string;
  readonly carries: readonly OperationKind[];
  /** Sends an operation to a gateway's `/graphql`; resolves when it is over. */
  send(url: string, operation: SentOperation, options?: SendOptions): Promise<Outcome>;
}

const everything: readonly OperationKind[] = ['query', 'mutation', 'subscription'];

/** Every transport of the gateway: what is true of operations must be true on each. */
export const transports: readonly Transport[] = [
  { name: 'POST', carries: ['query', 'mutation'], send: post('application/graphql-response+json') },
  { name: 'GET', carries: ['query'], send: get('application/graphql-response+json') },
  { name: 'WebSocket', carries: everything, send: sendOverWebSocket },
  { name: 'event stream by POST', carries: everything, send: post('text/event-stream') },
  { name: 'event stream by GET', carries: ['query', 'subscription'], send: get('text/event-stream') },
  { name: 'single event stream', carries: everything, send: sendOverSingleStream },
  {
    name: 'multipart subscription',
    carries: ['subscription'],
    send: post('multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json'),
  },
];

/** Those that carry a kind of operation, as `test.each` takes them. */
export function transportsFor(kind: OperationKind): [string, Transport][] {
  return transports.filter(({ carries }) => carries.includes(kind)).map((transport) => [transport.name, transport]);
}

function post(accept: string): Transport['send'] {
  return async (url, operation, options = {}) =>
    readAnswers(await openRawStream(url, { headers: headersOf(options, accept), body: operation }), options);
}

function get(accept: string): Transport['send'] {
  return async (url, operation, options = {}) => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(operation)) {
      if (value !== undefined) search.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    }
    return readAnswers(
      await openRawStream(`${url}?${search}`, { method: 'GET', headers: headersOf(options, accept) }),
      options,
    );
  };
}

function headersOf({ authorization, headers }: SendOptions, accept: string): Record<string, string> {
  return { accept, ...(authorization === undefined ? {} : { authorization }), ...headers };
}

async function readAnswers(stream: RawStream, { onAnswer }: SendOptions): Promise<Outcome> {
  const answers: FormattedExecutionResult[] = [];
  const take = (): void => {
    const all = parseAnswers(stream.response.headers['content-type'] ?? '', stream.text());
    for (const answer of all.slice(answers.length)) {
      answers.push(answer);
      onAnswer?.(answer);
    }
  };
  if (!/json/.test(stream.response.headers['content-type'] ?? '')) stream.response.on('data', take);
  const isWhole = await stream.ended;
  take();
  return { answers, code: codeOf(answers) ?? (isWhole ? stream.response.statusCode : 'cut') };
}

/** Reads the answers out of what has arrived so far of a body. */
export function parseAnswers(contentType: string, body: string): FormattedExecutionResult[] {
  if (contentType.includes('text/event-stream')) {
    return [...body.matchAll(/^event: next\ndata: (.*)\n\n/gm)].map(([, data]) => JSON.parse(data ?? ''));
  }
  if (contentType.includes('multipart/mixed')) {
    const parts = [...body.matchAll(/\r\n\r\n(\{.*\})\r\n--/g)].map(([, part]) => JSON.parse(part ?? ''));
    return parts.filter((part) => Object.keys(part).length > 0).map(({ payload, errors }) => payload ?? { errors });
  }
  return body.startsWith('{') ? [JSON.parse(body)] : [];
}

function codeOf(answers: readonly FormattedExecutionResult[]): unknown {
  return answers.flatMap(({ errors = [] }) => errors)[0]?.extensions?.['code'];
}

async function sendOverWebSocket(
  url: string,
  operation: SentOperation,
  { authorization, headers, onAnswer }: SendOptions = {},
): Promise<Outcome> {
  const { socket, send, next, closed } = await openRawSocket(url.replace(/^http/, 'ws'));
  const answers: FormattedExecutionResult[] = [];
  const ended = closed.then(({ code }) => ({ type: 'closed', payload: code, id: undefined }));
  send({ type: 'connection_init', payload: { ...headers, ...(authorization === undefined ? {} : { authorization }) } });
  for (;;) {
    const { type, payload } = await Promise.race([next(), ended]);
    if (type === 'connection_ack') send({ id: '1', type: 'subscribe', payload: operation });
    else if (type === 'closed') return { answers, code: codeOf(answers) ?? payload };
    else if (type === 'next' || type === 'error') {
      const answer = (type === 'next' ? payload : { errors: payload }) as FormattedExecutionResult;
      answers.push(answer);
      onAnswer?.(answer);
    }
    if (type === 'complete' || type === 'error') socket.close();
  }
}

async function sendOverSingleStream(
  url: string,
  operation: SentOperation,
  options: SendOptions = {},
): Promise<Outcome> {
  const reservation = await openRawStream(url, { method: 'PUT', headers: headersOf(options, '*/*') });
  await reservation.ended;
  if (reservation.response.statusCode !== 201) return readAnswers(reservation, options);
  const token = { 'x-graphql-event-stream-token': reservation.text() };
  const stream = await openRawStream(url, { method: 'GET', headers: { ...token, accept: 'text/event-stream' } });
  const answers: FormattedExecutionResult[] = [];
  const take = (): void => {
    const all = parseAnswers('text/event-stream', stream.text()) as { payload?: FormattedExecutionResult }[];
    for (const { payload = {} } of all.slice(answers.length)) {
      answers.push(payload);
      options.onAnswer?.(payload);
    }
  };
  stream.response.on('data', take);
  const begun = await openRawStream(url, {
    headers: { ...headersOf(options, 'application/graphql-response+json'), ...token },
    body: { ...operation, extensions: { ...operation.extensions, operationId: '1' } },
  });
  const isAccepted = begun.response.statusCode === 202;
  if (!isAccepted) {
    const outcome = await readAnswers(begun, options);
    stream.vanish();
    return outcome;
  }
  await Promise.race([stream.untilText('event: complete'), stream.ended]).catch(() => undefined);
  take();
  stream.vanish();
  return { answers, code: codeOf(answers) ?? 200 };
}
