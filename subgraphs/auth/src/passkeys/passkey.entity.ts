import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** A passkey: its public half. */
@Entity({ tableName: 'passkey' })
export class PasskeyEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  userId!: string;

  /** What its owner calls it. */
  @Property({ type: 'text' })
  name!: string;

  /** As authenticators name it, base64url. */
  @Property({ type: 'text' })
  credentialId!: string;

  @Property({ type: 'text', array: true })
  transports: string[] = [];

  /** Whether it lives in more than one device. */
  @Property({ type: 'boolean' })
  isBackedUp!: boolean;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  lastUsedAt: Date | null = null;
}
