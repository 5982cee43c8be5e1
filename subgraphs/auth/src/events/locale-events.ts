import { sqlOf } from '@tessera/service/database';
import type { EventHandler } from '@tessera/service/subgraph';
import { z } from 'zod';
import { maxLocaleLength } from '../accounts/locale.js';

const payloadSchema = z.object({ userId: z.uuid(), locale: z.string().max(maxLocaleLength).nullable().catch(null) });

/** Keeps the language that mails are written in: people choose it in their profiles. */
export const localeEventHandler: EventHandler = {
  types: ['profile.localeChanged'],
  async handle({ payload }, entityManager) {
    const { userId, locale } = payloadSchema.parse(payload);
    await sqlOf(entityManager)('update account set locale = $2 where id = $1', [userId, locale]);
  },
};
