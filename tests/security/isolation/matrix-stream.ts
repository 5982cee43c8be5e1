import type { FormattedExecutionResult } from 'graphql';
import { eventually } from '../../support/eventually.js';
import { send } from '../../support/graphql-client.js';
import { transportsFor, type SentOperation } from '../../gateway/support/transports.js';
import type { Verdict } from './field-case.js';
import { verdictOf } from './matrix-call.js';

/** What one subscriber got by one transport. */
export interface StreamResult {
  readonly transport: string;
  /** How many events came, refusals not among them. */
  readonly events: number;
  readonly text: string;
  readonly verdict: Verdict;
}

/**
 * Subscribes by every transport with one session, waits until each has brought something, and ends the session.
 *
 * @param isOver in place of that wait, for who is to hear nothing
 */
export async function listenByEveryTransport(
  origin: string,
  operation: SentOperation,
  authorization: string,
  isOver?: Promise<unknown>,
): Promise<readonly StreamResult[]> {
  const streams = transportsFor('subscription').map(([name, transport]) => {
    const answers: FormattedExecutionResult[] = [];
    const over = transport.send(`${origin}/graphql`, operation, {
      authorization,
      onAnswer: (answer) => void answers.push(answer),
    });
    return { name, answers, over };
  });
  await (isOver ?? eventually(() => streams.every(({ answers }) => answers.some(isEvent)), 60_000));
  await send(origin, { query: 'mutation { signOut }', token: authorization.replace('Bearer ', '') });
  return Promise.all(
    streams.map(async ({ name, answers, over }) => {
      const verdict = verdictOf(await over);
      return { transport: name, events: answers.filter(isEvent).length, text: JSON.stringify(answers), verdict };
    }),
  );
}

const isEvent = ({ data, errors }: FormattedExecutionResult): boolean => data != null && errors === undefined;
