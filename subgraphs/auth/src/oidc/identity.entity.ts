import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** Who a person is to an identity provider. */
@Entity({ tableName: 'external_identity' })
export class IdentityEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  userId!: string;

  @Property({ type: 'text' })
  providerId!: string;

  /** Issuer and subject together name the person for ever (OpenID Connect Core, 5.7); an address does not. */
  @Property({ type: 'text' })
  issuer!: string;

  @Property({ type: 'text' })
  subject!: string;

  @Property({ type: 'text', nullable: true })
  email: string | null = null;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  lastUsedAt: Date | null = null;
}
