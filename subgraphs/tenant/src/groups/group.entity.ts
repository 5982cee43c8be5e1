import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** Members of a tenant under one name. */
@Entity({ tableName: 'member_group' })
export class GroupEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  tenantId!: string;

  @Property({ type: 'text' })
  name!: string;

  @Property({ type: 'text' })
  description!: string;

  /** What its members have besides their own. */
  @Property({ type: 'text', nullable: true })
  role: string | null = null;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;
}
