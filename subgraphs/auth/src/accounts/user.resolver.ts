import { isSelf } from '@tessera/service/identity';
import { ListCost } from '@tessera/service/graphql';
import { Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { AuthContext } from '../context.js';
import { AccountStatusEnum, type AccountStatus } from '../deactivation/account-status.js';
import { SessionType, toSessionType } from '../sessions/session.type.js';
import { toUserType, UserType } from './user.type.js';

@Resolver(() => UserType)
export class UserResolver {
  @Query(() => UserType, { nullable: true, description: 'The caller; null for an anonymous one.' })
  me(@Ctx() { principal }: AuthContext): UserType | null {
    return principal.kind !== 'user' || principal.userId === undefined ? null : toUserType(principal.userId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Address of sign-in: one’s own, and for an administrator those of the active tenant’s members.',
  })
  async email(@Root() { id, openedSession }: UserType, @Ctx() { loaders }: AuthContext): Promise<string | null> {
    return openedSession?.email ?? (await loaders.emailByUser.load(id))?.email ?? null;
  }

  @FieldResolver(() => Boolean, {
    nullable: true,
    description: 'Whether the address was proven to be the person’s own; of others as `email`.',
  })
  async isEmailVerified(@Root() { id }: UserType, @Ctx() { loaders }: AuthContext): Promise<boolean | null> {
    return (await loaders.emailByUser.load(id))?.isVerified ?? null;
  }

  @FieldResolver(() => AccountStatusEnum, {
    nullable: true,
    description: 'Whether the person can sign in to the platform; of others as `email`.',
  })
  async accountStatus(@Root() { id }: UserType, @Ctx() { loaders }: AuthContext): Promise<AccountStatus | null> {
    return (await loaders.emailByUser.load(id))?.status ?? null;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'How often the person has signed in, to whatever tenant; of others null.',
  })
  async signInCount(@Root() { id }: UserType, @Ctx() { principal, loaders }: AuthContext): Promise<number | null> {
    return isSelf(principal, id) ? ((await loaders.emailByUser.load(id))?.signInCount ?? null) : null;
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: 'When the person signed in last; of others null.',
  })
  async lastSignedInAt(@Root() { id }: UserType, @Ctx() { principal, loaders }: AuthContext): Promise<Date | null> {
    return isSelf(principal, id) ? ((await loaders.emailByUser.load(id))?.lastSignedInAt ?? null) : null;
  }

  @ListCost(5)
  @FieldResolver(() => [SessionType], {
    description: 'Where the person is signed in, the last used first; of others nothing.',
  })
  async sessions(@Root() { id, openedSession }: UserType, @Ctx() context: AuthContext): Promise<SessionType[]> {
    const { principal, services } = context;
    if (openedSession !== undefined) {
      const opened = await services.sessions.listOpened(openedSession);
      return opened.map((session) => toSessionType(session, openedSession.sessionId));
    }
    if (!isSelf(principal, id)) return [];
    const sessions = await services.sessions.list(context);
    return sessions.map((session) => toSessionType(session, principal.sessionId));
  }
}
