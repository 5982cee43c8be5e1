import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { FormattedExecutionResult } from 'graphql';
import { request } from 'undici';
import { transports, type OperationKind, type Outcome, type Transport } from '../../gateway/support/transports.js';

/** Every transport, and what wraps an operation on its way: the same must become of it. */
const waysIn: readonly Transport[] = [
  ...transports,
  { name: 'APQ', carries: ['query', 'mutation'], send: registerAndSend },
  { name: 'batch', carries: ['query', 'mutation'], send: sendInBatch },
  { name: 'gzip', carries: ['query', 'mutation'], send: sendCompressed },
];

export function waysInFor(kind: OperationKind): readonly Transport[] {
  return waysIn.filter(({ carries }) => carries.includes(kind));
}

async function registerAndSend(url: string, operation: Parameters<Transport['send']>[1]): Promise<Outcome> {
  const sha256Hash = createHash('sha256')
    .update(operation.query ?? '')
    .digest('hex');
  const extensions = { ...operation.extensions, persistedQuery: { version: 1, sha256Hash } };
  const registered = await sendPlain(url, JSON.stringify({ ...operation, extensions }));
  const byHash = await sendPlain(url, JSON.stringify({ ...operation, query: undefined, extensions }));
  // What was refused is not there to be found, or is refused again.
  return registered.code === undefined || byHash.code !== 'PERSISTED_QUERY_NOT_FOUND' ? byHash : registered;
}

async function sendInBatch(url: string, operation: object): Promise<Outcome> {
  const outcome = await sendPlain(url, JSON.stringify([{ query: '{ greeting }' }, operation]));
  const [beside, answer] = outcome.answers;
  if (answer === undefined) return outcome;
  if (beside?.data?.['greeting'] !== 'hello') return { answers: [answer], code: 'THE ONE BESIDE IT WAS HARMED' };
  return { answers: [answer], code: answer.errors?.[0]?.extensions?.['code'] ?? 200 };
}

function sendCompressed(url: string, operation: object): Promise<Outcome> {
  return sendPlain(url, gzipSync(JSON.stringify(operation)), { 'content-encoding': 'gzip' });
}

async function sendPlain(
  url: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const answer = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const parsed = (await answer.body.json()) as FormattedExecutionResult | FormattedExecutionResult[];
  const answers = Array.isArray(parsed) ? parsed : [parsed];
  return { answers, code: answers[0]?.errors?.[0]?.extensions?.['code'] ?? answer.statusCode };
}
