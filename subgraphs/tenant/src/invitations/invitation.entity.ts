import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

@Entity({ tableName: 'invitation' })
export class InvitationEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  tenantId!: string;

  @Property({ type: 'text' })
  email!: string;

  @Property({ type: 'text' })
  role!: string;

  @Property({ type: 'uuid' })
  invitedBy!: string;

  @Property({ type: 'timestamptz' })
  expiresAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  acceptedAt: Date | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  revokedAt: Date | null = null;

  /** Whether whoever has the link may accept, also under another address. */
  @Property({ type: 'boolean' })
  openToAnyone: boolean = false;

  @Property({ type: 'integer' })
  sentCount: number = 1;

  @Property({ type: 'timestamptz', nullable: true })
  lastSentAt: Date | null = null;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;
}
