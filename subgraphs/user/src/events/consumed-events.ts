import { sqlOf } from '@tessera/service/database';
import type { EventHandler } from '@tessera/service/subgraph';
import { applyMemberEvent, isMemberEvent, memberEventTypes } from '@tessera/service/tenancy';
import { z } from 'zod';
import { applyPictureEvent, isPictureEvent, pictureEventTypes } from '../pictures/picture-events.js';

const signedUpSchema = z.object({
  userId: z.uuid(),
  displayName: z.string().min(1).max(200),
  locale: z.string().optional(),
});

/** A profile begins when its person signs up; memberships decide who may see it, files what may be its picture. */
export const consumedEvents: EventHandler = {
  types: ['user.signedUp', ...memberEventTypes, ...pictureEventTypes],
  async handle(event, entityManager) {
    if (isMemberEvent(event)) {
      await applyMemberEvent(event, entityManager);
      return;
    }
    if (isPictureEvent(event)) {
      await applyPictureEvent(event, entityManager);
      return;
    }
    const { userId, displayName, locale } = signedUpSchema.parse(event.payload);
    await sqlOf(entityManager)(
      `insert into user_profile (user_id, display_name, created_at, updated_at, locale) values ($1, $2, $3, $3, $4)
       on conflict (user_id) do nothing`,
      [userId, displayName, event.occurredAt, locale ?? null],
    );
  },
};
