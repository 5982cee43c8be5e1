import { randomUUID } from 'node:crypto';
import type { FormattedExecutionResult } from 'graphql';
import { transports, type Outcome, type Transport } from '../../gateway/support/transports.js';
import { answerInParts } from './answer-in-parts.js';
import type { CallerName, FieldCase, Variables, Verdict } from './field-case.js';

const anyUuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Close codes and statuses by which a transport says that a token is no good before an operation is looked at. */
const refusals: readonly unknown[] = [401, 4401, 4403];

/** Transports that are closed with their session, maybe before what closed it is answered. */
export const endingWithSession: readonly string[] = ['WebSocket', 'single event stream'];

/** One call of the matrix. */
export interface MatrixCall {
  readonly caller: CallerName;
  readonly transport: Transport;
  readonly variables: Variables | undefined;
  readonly authorization: string | undefined;
}

/** What became of a call. */
export interface CallResult {
  readonly verdict: Verdict;
  /** The whole answer, without the id of the request. */
  readonly text: string;
}

/** Sends an operation as one caller by one transport. */
export async function sendCall(
  url: string,
  operation: string,
  { transport, variables, authorization }: MatrixCall,
): Promise<CallResult> {
  const outcome = await transport.send(url, { query: operation, ...(variables && { variables }) }, { authorization });
  return { verdict: verdictOf(outcome), text: textOf(outcome.answers) };
}

/** Transports that carry a case's operation. */
export function transportsOf({ kind, endsSession = false }: FieldCase): readonly Transport[] {
  return [...transports, answerInParts].filter(
    ({ name, carries }) => carries.includes(kind) && !(endsSession && endingWithSession.includes(name)),
  );
}

/** The same variables with ids of nothing. */
export function withRandomIds(variables: Variables): Variables {
  return JSON.parse(JSON.stringify(variables).replaceAll(anyUuid, () => randomUUID())) as Variables;
}

export const hasIds = (variables: Variables | undefined): variables is Variables =>
  JSON.stringify(variables ?? {}).search(anyUuid) >= 0;

/** An answer as it is whatever was asked for. */
export const withoutIds = (text: string): string => text.replaceAll(anyUuid, '<id>');

/** An answer without the ids that the caller itself has sent. */
export function withoutSentIds(text: string, variables: Variables | undefined): string {
  const sent = JSON.stringify(variables ?? {}).match(anyUuid) ?? [];
  return sent.reduce((rest, id) => rest.replaceAll(id, '<sent>'), text);
}

/** What has become of an operation; of a stream, how it began, or ended where it brought nothing. */
export function verdictOf({ answers, code }: Outcome): Verdict {
  const [answer] = answers;
  if (answer?.errors !== undefined) return String(code);
  if (refusals.includes(code)) return 'UNAUTHENTICATED';
  if (answer?.data == null) return `nothing but ${String(code)}`;
  return Object.values(answer.data).every((value) => value === null) ? 'null' : 'answer';
}

function textOf(answers: readonly FormattedExecutionResult[]): string {
  return JSON.stringify(answers, (key, value: unknown) => (key === 'requestId' ? undefined : value));
}
