import { sqlOf } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import type { Logger } from '@tessera/service/logging';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { hookQueue, type Hooks } from './hooks.js';

const payloadSchema = z.object({ subject: z.enum(['signUp', 'signIn']), data: z.record(z.string(), z.json()) });

export interface TellHooksOptions {
  readonly hooks: Hooks;
  readonly openScope: () => DataScope;
  readonly logger: Logger;
}

/** Works on planned news of sign-ups and sign-ins. */
export async function tellHooks(jobs: Jobs, { hooks, openScope, logger }: TellHooksOptions): Promise<void> {
  await jobs.work(
    hookQueue,
    async ({ id, payload }) => {
      const { subject, data } = payloadSchema.parse(payload);
      const { sessionId } = data;
      // Whom a hook has refused has no session.
      if (typeof sessionId === 'string' && !(await hasSession(openScope(), sessionId))) return;
      const failure = await hooks.tell(subject, data, id);
      if (failure !== undefined)
        logger.error({ hook: `${subject}.after`, reason: failure }, 'a hook will not be taken');
    },
    { concurrency: 2 },
  );
}

async function hasSession(scope: DataScope, sessionId: string): Promise<boolean> {
  try {
    const rows = await scope.read((entityManager) =>
      sqlOf(entityManager)('select 1 from session where id = $1', [sessionId]),
    );
    return rows.length > 0;
  } finally {
    await scope.close();
  }
}
