import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { JsonObject } from '@tessera/service/json';
import type { NotificationKind } from './notification-kind.js';

/** One thing that one person was told. */
@Entity({ tableName: 'notification' })
export class NotificationEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  /** Who is told. */
  @Property({ type: 'uuid' })
  userId!: string;

  /** Where it happened; null for what belongs to no tenant. */
  @Property({ type: 'uuid', nullable: true })
  tenantId: string | null = null;

  /** Whom it is about, where that is somebody else. */
  @Property({ type: 'uuid', nullable: true })
  subjectId: string | null = null;

  /** The event that it was made of: one makes one for each person, however often it is delivered. */
  @Property({ type: 'uuid' })
  eventId!: string;

  @Property({ type: 'text' })
  kind!: NotificationKind;

  @Property({ type: 'jsonb' })
  data!: JsonObject;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  readAt: Date | null = null;
}
