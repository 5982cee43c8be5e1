import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

export type TenantStatus = 'ACTIVE' | 'SUSPENDED' | 'DELETING';

@Entity({ tableName: 'tenant' })
export class TenantEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'text' })
  slug!: string;

  @Property({ type: 'text' })
  name!: string;

  @Property({ type: 'text' })
  status!: TenantStatus;

  @Property({ type: 'text' })
  plan!: string;

  /** When the plan ends that an activation key gave; null for one that does not. */
  @Property({ type: 'timestamptz', nullable: true })
  planEndsAt: Date | null = null;

  /** The plan that comes then. */
  @Property({ type: 'text', nullable: true })
  planAfter: string | null = null;

  @Property({ type: 'jsonb' })
  settings!: Record<string, unknown>;

  @Property({ type: 'text[]' })
  disabledServices!: string[];

  @Property({ type: 'timestamptz' })
  createdAt!: Date;
}
