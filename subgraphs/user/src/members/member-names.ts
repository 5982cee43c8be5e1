import { sqlOf, type EntityManager } from '@tessera/service/database';
import { createDomainEvent, type DomainEvent } from '@tessera/service/events';
import type { EventHandler } from '@tessera/service/subgraph';
import { z } from 'zod';

const renamedEventType = 'profile.renamed';

const renamedSchema = z.object({ userId: z.uuid() });

/** A person has another name: it is copied to their memberships, which a person cannot write. */
export function profileRenamed(userId: string): DomainEvent {
  return createDomainEvent({ type: renamedEventType, payload: { userId } });
}

/** Copies the name that a person has now, so that events may come late, twice and in any order. */
export async function copyName(entityManager: EntityManager, userId: string): Promise<void> {
  await sqlOf(entityManager)(
    `update tenant_member set name = display_name from user_profile
     where user_profile.user_id = tenant_member.user_id and tenant_member.user_id = $1
       and name is distinct from display_name`,
    [userId],
  );
}

export const memberNames: EventHandler = {
  types: [renamedEventType],
  handle: ({ payload }, entityManager) => copyName(entityManager, renamedSchema.parse(payload).userId),
};
