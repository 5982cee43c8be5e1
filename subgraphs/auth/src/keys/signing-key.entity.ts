import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { JWK } from 'jose';

/** A key that signs access tokens. */
@Entity({ tableName: 'signing_key' })
export class SigningKeyEntity {
  /** The `kid` of tokens and of the JWKS. */
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'text' })
  algorithm!: string;

  @Property({ type: 'jsonb' })
  publicJwk!: JWK;

  /** The private JWK, sealed with the key encryption secret. */
  @Property({ type: 'text' })
  sealedPrivateJwk!: string;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  /** From then on it may sign; it is published before, so that verifiers know it in time. */
  @Property({ type: 'timestamptz' })
  signsFrom!: Date;

  /** From then on it is published no more. */
  @Property({ type: 'timestamptz', nullable: true })
  retiresAt: Date | null = null;
}
