import { newId, sqlOf, type EntityManager, type RunSql } from '@tessera/service/database';
import { appendToOutbox, createDomainEvent, type DomainEvent } from '@tessera/service/events';
import { readChannels, type Channels } from './channels.js';
import { draftNotifications, type NotificationDraft, type Recipients } from './notification-rules.js';

/** What a person keeps; the oldest go first. Bounded at writing, so that nobody's grow without end. */
const keptPerPerson = 1_000;

/** By which this subgraph tells itself, after the commit, that somebody was told something. */
export const notifiedEventType = 'notification.created';

/** By which it asks auth to mail a person. */
const mailDueEventType = 'notification.mailDue';

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
  returning id, user_id as "userId"`;

const forgetSql = `
  delete from notification using unnest($1::uuid[]) as person (id)
  where user_id = person.id and notification.id <=
    (select kept.id from notification as kept where kept.user_id = person.id order by kept.id desc offset $2 limit 1)`;

/** Tells people of an event, in the transaction that has consumed it: each once, however often it is delivered. */
export async function notifyOf(event: DomainEvent, entityManager: EntityManager): Promise<void> {
  const query = sqlOf(entityManager);
  for (const draft of draftNotifications(event)) await deliver(query, event, draft);
}

/** Each person by the channels that they have chosen. */
async function deliver(query: RunSql, event: DomainEvent, draft: NotificationDraft): Promise<void> {
  const userIds = await findRecipients(query, event.tenantId ?? null, draft.recipients);
  if (userIds.length === 0) return;
  const channels = await readChannels(query, userIds, draft.kind, new Date());
  const inApp = channels.filter((channel) => channel.inApp).map(({ userId }) => userId);
  const told = inApp.length === 0 ? [] : await insert(query, event, draft, inApp);
  await appendToOutbox(query, [
    ...told.map(({ userId, id }) =>
      createDomainEvent({ type: notifiedEventType, payload: { userId, notificationId: id } }),
    ),
    ...channels.flatMap((channel) => mailOf(channel, draft)),
  ]);
}

interface Told {
  readonly id: string;
  readonly userId: string;
}

async function insert(
  query: RunSql,
  event: DomainEvent,
  draft: NotificationDraft,
  userIds: readonly string[],
): Promise<readonly Told[]> {
  const told = await query<Told>(insertSql, [
    userIds.map(() => newId()),
    userIds,
    event.tenantId ?? null,
    draft.subjectId ?? null,
    event.id,
    draft.kind,
    JSON.stringify(draft.data),
    event.occurredAt,
  ]);
  if (told.length > 0) await query(forgetSql, [told.map(({ userId }) => userId), keptPerPerson]);
  return told;
}

/** Auth knows addresses and languages, and writes the mail. */
function mailOf({ userId, mailNotBefore }: Channels, { kind, data }: NotificationDraft): readonly DomainEvent[] {
  if (mailNotBefore === undefined) return [];
  const notBefore = mailNotBefore?.toISOString() ?? null;
  return [createDomainEvent({ type: mailDueEventType, payload: { userId, kind, data, notBefore } })];
}

async function findRecipients(query: RunSql, tenantId: string | null, recipients: Recipients): Promise<string[]> {
  if (recipients.to === 'person') return [recipients.userId];
  if (tenantId === null) return [];
  const rows = await (recipients.to === 'newcomer'
    ? query<{ user_id: string }>(newcomerSql, [tenantId, recipients.userId])
    : query<{ user_id: string }>(administratorsSql, [tenantId, recipients.exceptUserId ?? null]));
  return rows.map((row) => row.user_id);
}
