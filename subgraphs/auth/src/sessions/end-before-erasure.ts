import { sqlOf } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import type { Subject } from '@tessera/service/personal-data';
import type { PubSub } from '@tessera/service/pubsub';
import type { DataScope } from '@tessera/service/tenancy';
import { announceEndedSessions, endSessions } from './end-sessions.js';

export interface EndBeforeErasureOptions {
  readonly openScope: () => DataScope;
  readonly pubSub: PubSub;
  readonly jobs: Pick<Jobs, 'forget'>;
}

/** Tells gateways to refuse the tokens of a person who is about to be erased, and forgets the address: the rows that say so will be gone. */
export function endSessionsBeforeErasure({ openScope, pubSub, jobs }: EndBeforeErasureOptions) {
  return async ({ kind, id: userId }: Subject): Promise<void> => {
    if (kind !== 'person') return;
    const ended = await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      // What knows the address alone: nothing leads to it once the account is gone.
      const [account] = await query<{ readonly email: string }>('select email from account where id = $1', [userId]);
      if (account !== undefined) {
        await query('delete from email_sign_in where email = $1', [account.email]);
        await jobs.forget(account.email, { executor: query });
      }
      return endSessions(query, { userId, sessionId: undefined });
    });
    await announceEndedSessions(pubSub, ended);
  };
}
