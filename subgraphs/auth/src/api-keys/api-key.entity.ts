import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** A key by which a program acts inside one tenant. */
@Entity({ tableName: 'api_key' })
export class ApiKeyEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  tenantId!: string;

  @Property({ type: 'text' })
  name!: string;

  /** SHA-256 of the token, which is kept nowhere. */
  @Property({ type: 'blob' })
  tokenHash!: Buffer;

  /** How the token begins, to tell keys apart. */
  @Property({ type: 'text' })
  prefix!: string;

  @Property({ type: 'array' })
  scopes!: string[];

  @Property({ type: 'uuid' })
  createdBy!: string;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  expiresAt: Date | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  lastUsedAt: Date | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  revokedAt: Date | null = null;
}
