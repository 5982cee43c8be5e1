import { connectionType, GraphQLJSON } from '@tessera/service/graphql';
import type { JsonObject } from '@tessera/service/json';
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { describeKind, notificationKinds, type NotificationKind } from './notification-kind.js';
import type { NotificationEntity } from './notification.entity.js';

export const NotificationKindEnum = Object.fromEntries(notificationKinds.map((kind) => [kind, kind]));

registerEnumType(NotificationKindEnum, {
  name: 'NotificationKind',
  description: 'What a person is told of.',
  valuesConfig: Object.fromEntries(notificationKinds.map((kind) => [kind, { description: describeKind(kind) }])),
});

@Directive('@key(fields: "id")')
@ObjectType('Notification', { description: 'Something that the caller was told.' })
export class NotificationType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;

  @Field(() => NotificationKindEnum, { description: 'What it tells.' })
  kind!: NotificationKind;

  @Field(() => GraphQLJSON, { description: 'Of what it tells, the particulars: see its kind.' })
  data!: JsonObject;

  @Field(() => Date, { description: 'When it happened.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When the person marked it as read; null before.' })
  readAt!: Date | null;

  tenantId!: string | null;
  subjectId!: string | null;
}

export const NotificationConnection = connectionType('Notification', NotificationType);

@ObjectType({ description: 'What became of marking notifications as read.' })
export class MarkNotificationsReadPayload {
  @Field(() => Int, { description: 'How many of them were unread.' })
  marked!: number;

  @Field(() => Int, { description: 'How many are unread now.' })
  unreadCount!: number;

  @Field(() => [NotificationType], {
    description: 'Those that were named by their ids, as they are now, the newest first; none where all were marked.',
  })
  notifications!: NotificationType[];
}

export function toNotificationType(notification: NotificationEntity): NotificationType {
  const { id, kind, data, createdAt, readAt, tenantId, subjectId } = notification;
  return Object.assign(new NotificationType(), { id, kind, data, createdAt, readAt, tenantId, subjectId });
}
