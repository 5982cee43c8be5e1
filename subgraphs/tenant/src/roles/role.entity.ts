import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** A role of one tenant's own making: a name for a set of permissions. */
@Entity({ tableName: 'role' })
export class RoleEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  tenantId!: string;

  @Property({ type: 'text' })
  name!: string;

  @Property({ type: 'text' })
  description!: string;

  @Property({ type: 'array' })
  permissions!: string[];

  @Property({ type: 'timestamptz' })
  createdAt!: Date;
}
