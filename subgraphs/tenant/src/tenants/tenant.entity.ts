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

  @Property({ type: 'jsonb' })
  settings!: Record<string, unknown>;

  @Property({ type: 'text[]' })
  disabledServices!: string[];

  @Property({ type: 'timestamptz' })
  createdAt!: Date;
}
