import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** The password of an account, as a hash: apart from the account, so that only the service itself can read it. */
@Entity({ tableName: 'password' })
export class PasswordEntity {
  @PrimaryKey({ type: 'uuid' })
  accountId!: string;

  @Property({ type: 'text' })
  hash!: string;

  @Property({ type: 'timestamptz' })
  changedAt!: Date;
}
