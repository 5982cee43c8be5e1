import { sqlOf } from '@tessera/service/database';
import type { Subject } from '@tessera/service/personal-data';
import type { PubSub } from '@tessera/service/pubsub';
import type { DataScope } from '@tessera/service/tenancy';
import { announceEndedSessions, endSessions } from './end-sessions.js';

export interface EndBeforeErasureOptions {
  readonly openScope: () => DataScope;
  readonly pubSub: PubSub;
}

/** Tells gateways to refuse the tokens of a person who is about to be erased: the rows that say so will be gone. */
export function endSessionsBeforeErasure({ openScope, pubSub }: EndBeforeErasureOptions) {
  return async ({ kind, id: userId }: Subject): Promise<void> => {
    if (kind !== 'person') return;
    const ended = await openScope().write((entityManager) =>
      endSessions(sqlOf(entityManager), { userId, sessionId: undefined }),
    );
    await announceEndedSessions(pubSub, ended);
  };
}
