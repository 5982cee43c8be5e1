import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** One line of the audit log; written once, changed never. */
@Entity({ tableName: 'audit_entry' })
export class AuditEntryEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  /** Whose log it belongs to; null for the platform's alone. */
  @Property({ type: 'uuid', nullable: true })
  tenantId: string | null = null;

  @Property({ type: 'timestamptz' })
  occurredAt!: Date;

  @Property({ type: 'text' })
  action!: string;

  @Property({ type: 'text' })
  outcome!: string;

  @Property({ type: 'text' })
  actorKind!: string;

  @Property({ type: 'uuid', nullable: true })
  actorId: string | null = null;

  @Property({ type: 'uuid', nullable: true })
  sessionId: string | null = null;

  @Property({ type: 'uuid', nullable: true })
  impersonatorId: string | null = null;

  @Property({ type: 'uuid', nullable: true })
  subjectId: string | null = null;

  @Property({ type: 'text', nullable: true })
  targetType: string | null = null;

  @Property({ type: 'text', nullable: true })
  targetId: string | null = null;

  @Property({ type: 'text', nullable: true })
  clientAddress: string | null = null;

  @Property({ type: 'text', nullable: true })
  clientCountry: string | null = null;

  @Property({ type: 'text', nullable: true })
  clientCity: string | null = null;

  @Property({ type: 'text', nullable: true })
  userAgent: string | null = null;

  @Property({ type: 'text', nullable: true })
  requestId: string | null = null;

  @Property({ type: 'json' })
  details!: Record<string, unknown>;
}
