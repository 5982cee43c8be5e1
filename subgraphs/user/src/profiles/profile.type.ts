import { connectionType, GraphQLJSON } from '@tessera/service/graphql';
import { Directive, Field, ID, InputType, ObjectType } from 'type-graphql';
import type { Preferences, ProfileEntity } from './profile.entity.js';

@Directive('@key(fields: "id")')
@ObjectType('User', { description: 'A person who uses the platform.' })
export class UserType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;

  // Auth provides it at sign-up, when this subgraph has not heard of the person yet.
  @Directive('@shareable')
  @Field(() => String, { description: 'The name that others see.' })
  displayName!: string;

  @Field(() => String, { nullable: true, description: 'Preferred language, a BCP 47 tag such as de-CH.' })
  locale!: string | null;

  @Field(() => String, { nullable: true, description: 'IANA name of the time zone, such as Europe/Zurich.' })
  timeZone!: string | null;

  avatarFileId!: string | null;
  storedPreferences!: Preferences;
}

export const UserConnection = connectionType('User', UserType);

@InputType({ description: 'What to change of one’s own profile: what is absent stays, what is null is cleared.' })
export class UpdateProfileInput {
  @Field(() => String, { nullable: true, description: 'The name that others see, 1 to 200 characters.' })
  displayName?: string | null;

  @Field(() => ID, { nullable: true, description: 'The file to show as a picture.' })
  avatarFileId?: string | null;

  @Field(() => String, { nullable: true, description: 'A BCP 47 tag such as de-CH.' })
  locale?: string | null;

  @Field(() => String, { nullable: true, description: 'A name of the IANA time zone database.' })
  timeZone?: string | null;
}

@InputType({ description: 'What to change of one’s own preferences.' })
export class UpdatePreferencesInput {
  @Field(() => GraphQLJSON, {
    description:
      'A JSON Merge Patch (RFC 7396) of `User.preferences`: what is null has its default again. Keys that the platform does not know belong into `app`. At most 16 KB altogether.',
  })
  preferences!: Record<string, unknown>;
}

export function toUserType(profile: ProfileEntity): UserType {
  const { id, displayName, locale, timeZone, avatarFileId, preferences } = profile;
  return Object.assign(new UserType(), {
    id,
    displayName,
    locale,
    timeZone,
    avatarFileId,
    storedPreferences: preferences,
  });
}
