import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** A program that fetches access tokens for itself (OAuth 2.0 client credentials), inside one tenant. */
@Entity({ tableName: 'machine_client' })
export class MachineClientEntity {
  /** The `client_id`. */
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  tenantId!: string;

  @Property({ type: 'text' })
  name!: string;

  /** SHA-256 of the secret, which is kept nowhere. */
  @Property({ type: 'blob' })
  secretHash!: Buffer;

  /** The secret before the last rotation, while it is still good. */
  @Property({ type: 'blob', nullable: true })
  formerSecretHash: Buffer | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  formerSecretUntil: Date | null = null;

  @Property({ type: 'array' })
  scopes!: string[];

  @Property({ type: 'uuid' })
  createdBy!: string;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  lastUsedAt: Date | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  revokedAt: Date | null = null;
}
