import { AppError } from '@tessera/service/errors';
import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { AuthContext } from '../context.js';
import { handOverTokens, takeTokensBack } from '../tokens/hand-over-tokens.js';
import { AuthTokensType, toAuthTokensType } from '../tokens/auth-tokens.type.js';

@Resolver()
export class SessionResolver {
  @Mutation(() => AuthTokensType, {
    description:
      'Exchanges a refresh token for new tokens, once. Using it again later than a few seconds ends the session.',
  })
  async refreshTokens(
    @Ctx() context: AuthContext,
    @Arg('refreshToken', () => String) refreshToken: string,
  ): Promise<AuthTokensType> {
    const tokens = await context.services.refreshes.refresh(context, refreshToken);
    return toAuthTokensType(handOverTokens(context, tokens));
  }

  @Mutation(() => Boolean, {
    description: 'Ends this session, or all of the caller’s. Its tokens are refused at once.',
  })
  async signOut(
    @Ctx() context: AuthContext,
    @Arg('everywhere', () => Boolean, { defaultValue: false }) isEverywhere: boolean,
    @Arg('refreshToken', () => String, {
      nullable: true,
      description:
        'Ends the session of this token instead: nobody needs to be signed in, and a token that is unknown or spent is no error.',
    })
    refreshToken: string | null,
  ): Promise<boolean> {
    const { sessions } = context.services;
    if (typeof refreshToken === 'string') {
      if (isEverywhere) throw new AppError('BAD_USER_INPUT', 'A refresh token ends its own session, and no other');
      await sessions.signOutBy(context, refreshToken);
      return true;
    }
    await sessions.signOut(context, isEverywhere);
    takeTokensBack(context);
    return true;
  }

  @Mutation(() => Boolean, { description: 'Ends one of the caller’s sessions. Its tokens are refused at once.' })
  async revokeSession(@Ctx() context: AuthContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    await context.services.sessions.revoke(context, id);
    return true;
  }

  @Mutation(() => AuthTokensType, {
    description: 'Makes a tenant the active one; works at once after createTenant and acceptInvitation.',
  })
  async switchTenant(
    @Ctx() context: AuthContext,
    @Arg('tenantId', () => ID) tenantId: string,
  ): Promise<AuthTokensType> {
    const tokens = await context.services.tenants.switchTo(context, tenantId);
    return toAuthTokensType(handOverTokens(context, tokens));
  }
}
