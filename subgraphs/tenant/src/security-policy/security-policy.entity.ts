import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** What one tenant asks of those who act in it. */
@Entity({ tableName: 'security_policy' })
export class SecurityPolicyEntity {
  @PrimaryKey({ type: 'uuid' })
  tenantId!: string;

  @Property({ type: 'integer' })
  version!: number;

  @Property({ type: 'boolean' })
  isMfaRequired!: boolean;

  @Property({ type: 'integer', nullable: true })
  maxSessionMinutes: number | null = null;

  @Property({ type: 'integer', nullable: true })
  maxIdleMinutes: number | null = null;

  @Property({ type: 'text[]' })
  signInWays!: string[];

  @Property({ type: 'text[]' })
  networks!: string[];

  @Property({ type: 'timestamptz' })
  changedAt!: Date;

  @Property({ type: 'uuid' })
  changedBy!: string;
}
