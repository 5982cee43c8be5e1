import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

@Entity({ tableName: 'email_domain' })
export class EmailDomainEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  tenantId!: string;

  @Property({ type: 'text' })
  domain!: string;

  /** What the domain's TXT record must have. */
  @Property({ type: 'text' })
  token!: string;

  @Property({ type: 'timestamptz', nullable: true })
  verifiedAt: Date | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  checkedAt: Date | null = null;

  /** In a row, since the proof was last there. */
  @Property({ type: 'integer' })
  failedChecks: number = 0;

  /** The role of those who join by an address of the domain; null where nobody does. */
  @Property({ type: 'text', nullable: true })
  autoJoinRole: string | null = null;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;
}
