import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

@Entity({ tableName: 'membership' })
export class MembershipEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  tenantId!: string;

  @Property({ type: 'uuid' })
  userId!: string;

  @Property({ type: 'text' })
  role!: string;

  @Property({ type: 'timestamptz' })
  joinedAt!: Date;

  /** Since when an administrator has locked the member out; null for who is in. */
  @Property({ type: 'timestamptz', nullable: true })
  deactivatedAt: Date | null = null;
}
