import type { LiveEvents } from '@tessera/service/live-events';
import type { EventHandler } from '@tessera/service/subgraph';
import { z } from 'zod';
import { notifiedEventType } from './notify.js';

const notifiedSchema = z.object({ userId: z.uuid(), notificationId: z.uuid() });

/** The stream of `subscription { notifications }`: gateways put the subscriber's own id in, and nobody else's. */
export const notificationStream = (userId: string): string => `notifications.${userId}`;

/**
 * Tells who subscribes. By the way of this subgraph's own events, because a notification is announced after it was committed,
 * and not forgotten where the process ends in between.
 */
export function announceNotifications(liveEvents: LiveEvents): EventHandler {
  return {
    types: [notifiedEventType],
    async handle({ payload }) {
      const { userId, notificationId } = notifiedSchema.parse(payload);
      await liveEvents.append(notificationStream(userId), { id: notificationId });
    },
  };
}
