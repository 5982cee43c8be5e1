import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { ProfileEntity } from '../profiles/profile.entity.js';

/** One row of the member directory: who is in which tenant, as the tenant subgraph's events told. */
@Entity({ tableName: 'tenant_member' })
export class MemberEntity {
  @PrimaryKey({ type: 'uuid' })
  tenantId!: string;

  @ManyToOne(() => ProfileEntity, { primary: true, fieldName: 'user_id' })
  profile!: ProfileEntity;

  @Property({ type: 'boolean' })
  isActive!: boolean;

  /** Locked out by an administrator, and a member all the same. */
  @Property({ type: 'boolean' })
  isDeactivated: boolean = false;
}
