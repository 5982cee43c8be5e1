import type { FormattedExecutionResult } from 'graphql';
import { eventually } from '../../support/eventually.js';
import { send } from '../../support/graphql-client.js';
import { transportsFor, type SentOperation } from '../../gateway/support/transports.js';

/** What one subscriber got by one transport. */
export interface StreamResult {
  readonly transport: string;
  readonly text: string;
}

/** Subscribes by every transport with one session, waits until each has brought something, and ends the session. */
export async function listenByEveryTransport(
  origin: string,
  operation: SentOperation,
  authorization: string,
): Promise<readonly StreamResult[]> {
  const streams = transportsFor('subscription').map(([name, transport]) => {
    const answers: FormattedExecutionResult[] = [];
    const over = transport.send(`${origin}/graphql`, operation, {
      authorization,
      onAnswer: (answer) => void answers.push(answer),
    });
    return { name, answers, over };
  });
  await eventually(() => streams.every(({ answers }) => answers.length > 0), 60_000);
  await send(origin, { query: 'mutation { signOut }', token: authorization.replace('Bearer ', '') });
  await Promise.all(streams.map(({ over }) => over));
  return streams.map(({ name, answers }) => ({ transport: name, text: JSON.stringify(answers) }));
}
