import { Collection } from '@mikro-orm/core';
import { Entity, OneToMany, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { MemberEntity } from '../members/member.entity.js';

export type Preferences = Readonly<Record<string, unknown>>;

@Entity({ tableName: 'user_profile' })
export class ProfileEntity {
  /** The person's id, which auth gave them. */
  @PrimaryKey({ type: 'uuid', fieldName: 'user_id' })
  id!: string;

  @Property({ type: 'text' })
  displayName!: string;

  @Property({ type: 'uuid', nullable: true })
  avatarFileId: string | null = null;

  @Property({ type: 'text', nullable: true })
  locale: string | null = null;

  @Property({ type: 'text', nullable: true })
  timeZone: string | null = null;

  @Property({ type: 'jsonb' })
  preferences: Preferences = {};

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  @Property({ type: 'timestamptz' })
  updatedAt!: Date;

  @OneToMany(() => MemberEntity, (member) => member.profile)
  memberships = new Collection<MemberEntity>(this);
}
