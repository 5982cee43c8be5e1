import { hasPermission, isSelf } from '@tessera/service/identity';
import { type Connection, GraphQLJSON, PageArgumentsType, PagedCost, toConnection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { UserContext } from '../context.js';
import { FileType, toFileType } from '../references/file.type.js';
import { MembershipStatusEnum, type MembershipStatus } from '../members/member-status.js';
import { readPreferences } from './preferences.js';
import type { Preferences } from './profile.entity.js';
import { toUserType, UpdatePreferencesInput, UpdateProfileInput, UserConnection, UserType } from './profile.type.js';

@Resolver(() => UserType)
export class ProfileResolver {
  @PagedCost()
  @Query(() => UserConnection, { description: 'The members of the active tenant.' })
  async users(
    @Ctx() context: UserContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
    @Arg('search', () => String, {
      nullable: true,
      description:
        'Only those of whose names a word begins with this or, in Latin letters, is spelt much like it; the most similar first.',
    })
    search: string | undefined,
    @Arg('status', () => MembershipStatusEnum, {
      defaultValue: MembershipStatusEnum.ACTIVE,
      description: 'Those who are in the tenant, or those who are locked out of it.',
    })
    status: MembershipStatus,
  ): Promise<Connection<UserType>> {
    return toConnection(await context.services.profiles.list(context, { search, status }, page), toUserType);
  }

  @Mutation(() => UserType, { description: 'Changes the caller’s own profile.' })
  async updateProfile(
    @Ctx() context: UserContext,
    @Arg('input', () => UpdateProfileInput) input: UpdateProfileInput,
  ): Promise<UserType> {
    const { services, loaders } = context;
    return toUserType(await services.profiles.update(context, loaders, input));
  }

  @Mutation(() => UserType, { description: 'Changes the caller’s own preferences.' })
  async updatePreferences(
    @Ctx() context: UserContext,
    @Arg('input', () => UpdatePreferencesInput) input: UpdatePreferencesInput,
  ): Promise<UserType> {
    const { services, loaders } = context;
    return toUserType(await services.profiles.updatePreferences(context, loaders.profileById, input));
  }

  @FieldResolver(() => FileType, {
    nullable: true,
    description: 'Picture; null without one, and where it is a file of another tenant than the active one.',
  })
  async avatar(
    @Root() { avatarFileId }: UserType,
    @Ctx() { principal, loaders }: UserContext,
  ): Promise<FileType | null> {
    // Whom storage will not show the file must not be sent there for it.
    if (avatarFileId === null || principal.tenantId === undefined || !hasPermission(principal, 'files:read'))
      return null;
    const picture = await loaders.pictureById.load(avatarFileId);
    return picture === null ? null : toFileType(picture.id);
  }

  @FieldResolver(() => GraphQLJSON, {
    description:
      'What the person prefers, with defaults: `theme`, `timeFormat`, `weekStart`, `notifications` { `kinds` { <NotificationKind> { `inApp`, `mail` } }, `quietHours` { `from`, `to` } }, and `app`, what front ends keep. Empty for all but oneself.',
  })
  preferences(@Root() { id, storedPreferences }: UserType, @Ctx() { principal }: UserContext): Preferences {
    return isSelf(principal, id) ? readPreferences(storedPreferences) : {};
  }
}
