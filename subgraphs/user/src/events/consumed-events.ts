import { sqlOf, type EntityManager } from '@tessera/service/database';
import type { DomainEvent } from '@tessera/service/events';
import type { EventHandler } from '@tessera/service/subgraph';
import { applyMemberEvent, isMemberEvent, memberEventSchema, memberEventTypes } from '@tessera/service/tenancy';
import { z } from 'zod';
import { copyName } from '../members/member-names.js';
import { notifyingEventTypes } from '../notifications/notification-rules.js';
import { notifyOf } from '../notifications/notify.js';
import { applyPictureEvent, isPictureEvent, pictureEventTypes } from '../pictures/picture-events.js';

const signedUpSchema = z.object({
  userId: z.uuid(),
  displayName: z.string().min(1).max(200),
  locale: z.string().optional(),
});

/**
 * A profile begins when its person signs up; memberships decide who may see it, files what may be its picture; and of some
 * events people are told.
 */
export const consumedEvents: EventHandler = {
  types: [...new Set(['user.signedUp', ...memberEventTypes, ...pictureEventTypes, ...notifyingEventTypes])],
  async handle(event, entityManager) {
    if (event.type === 'user.signedUp') await beginProfile(event, entityManager);
    if (isPictureEvent(event)) await applyPictureEvent(event, entityManager);
    if (isMemberEvent(event)) {
      await applyMemberEvent(event, entityManager);
      await copyName(entityManager, memberEventSchema.parse(event.payload).userId);
    }
    await notifyOf(event, entityManager);
  },
};

async function beginProfile(event: DomainEvent, entityManager: EntityManager): Promise<void> {
  const { userId, displayName, locale } = signedUpSchema.parse(event.payload);
  await sqlOf(entityManager)(
    `insert into user_profile (user_id, display_name, created_at, updated_at, locale) values ($1, $2, $3, $3, $4)
     on conflict (user_id) do nothing`,
    [userId, displayName, event.occurredAt, locale ?? null],
  );
  await copyName(entityManager, userId);
}
