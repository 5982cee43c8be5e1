import { newId, sqlOf, type EntityManager, type RunSql } from '@tessera/service/database';
import { appendToOutbox, createDomainEvent, type DomainEvent } from '@tessera/service/events';
import { draftNotifications, type NotificationDraft, type Recipients } from './notification-rules.js';

/** What a person keeps; the oldest go first. Bounded at writing, so that nobody's grow without end. */
const keptPerPerson = 1_000;

/** By which this subgraph tells itself, after the commit, that somebody was told something. */
export const notifiedEventType = 'notification.created';

const newcomerSql = `
  select $2::uuid as user_id where exists
    (select 1 from tenant_member where tenant_id = $1 and is_active and user_id <> $2::uuid)`;
const administratorsSql = `
  select user_id from tenant_member
  where tenant_id = $1 and role = 'TENANT_ADMIN' and is_active and user_id is distinct from $2::uuid`;

const insertSql = `
  insert into notification (id, user_id, tenant_id, subject_id, event_id, kind, data, created_at)
  select recipient.id, recipient.user_id, $3, $4, $5, $6, $7::jsonb, $8
  from unnest($1::uuid[], $2::uuid[]) as recipient (id, user_id)
  on conflict (user_id, event_id) do nothing
  returning id, user_id`;

const forgetSql = `
  delete from notification using unnest($1::uuid[]) as person (id)
  where user_id = person.id and notification.id <=
    (select kept.id from notification as kept where kept.user_id = person.id order by kept.id desc offset $2 limit 1)`;

/** Tells people of an event, in the transaction that has consumed it: each once, however often it is delivered. */
export async function notifyOf(event: DomainEvent, entityManager: EntityManager): Promise<void> {
  const query = sqlOf(entityManager);
  for (const draft of draftNotifications(event)) await deliver(query, event, draft);
}

async function deliver(query: RunSql, event: DomainEvent, draft: NotificationDraft): Promise<void> {
  const tenantId = event.tenantId ?? null;
  const userIds = await findRecipients(query, tenantId, draft.recipients);
  if (userIds.length === 0) return;
  const told = await query<{ id: string; user_id: string }>(insertSql, [
    userIds.map(() => newId()),
    userIds,
    tenantId,
    draft.subjectId ?? null,
    event.id,
    draft.kind,
    JSON.stringify(draft.data),
    event.occurredAt,
  ]);
  if (told.length === 0) return;
  await query(forgetSql, [told.map((row) => row.user_id), keptPerPerson]);
  await appendToOutbox(
    query,
    told.map((row) =>
      createDomainEvent({ type: notifiedEventType, payload: { userId: row.user_id, notificationId: row.id } }),
    ),
  );
}

async function findRecipients(query: RunSql, tenantId: string | null, recipients: Recipients): Promise<string[]> {
  if (recipients.to === 'person') return [recipients.userId];
  if (tenantId === null) return [];
  const rows = await (recipients.to === 'newcomer'
    ? query<{ user_id: string }>(newcomerSql, [tenantId, recipients.userId])
    : query<{ user_id: string }>(administratorsSql, [tenantId, recipients.exceptUserId ?? null]));
  return rows.map((row) => row.user_id);
}
