import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** A person who can sign in. What proves that it is them lives in tables of its own. */
@Entity({ tableName: 'account' })
export class AccountEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'text' })
  email!: string;

  /** When it was proven that the address is the person's own. */
  @Property({ type: 'timestamptz', nullable: true })
  emailVerifiedAt: Date | null = null;

  /** BCP 47: the language of mails. */
  @Property({ type: 'text', nullable: true })
  locale: string | null = null;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  /** Sessions that the person opened, not those of who acts in their place. */
  @Property({ type: 'integer' })
  signInCount: number = 0;

  @Property({ type: 'timestamptz', nullable: true })
  lastSignedInAt: Date | null = null;

  /** Since when the platform has locked the person out; null for who is not. */
  @Property({ type: 'timestamptz', nullable: true })
  deactivatedAt: Date | null = null;
}
