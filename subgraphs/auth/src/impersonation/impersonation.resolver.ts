import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { AuthContext } from '../context.js';
import { toAuthTokensType } from '../tokens/auth-tokens.type.js';
import {
  ImpersonateInput,
  ImpersonationPayloadType,
  ImpersonationType,
  toImpersonationType,
} from './impersonation.type.js';

@Resolver()
export class ImpersonationResolver {
  @Query(() => ImpersonationType, {
    nullable: true,
    description:
      'Who really makes this request, where somebody of the platform acts as a person; null where nobody does.',
  })
  async impersonation(@Ctx() context: AuthContext): Promise<ImpersonationType | null> {
    const session = await context.services.impersonation.current(context);
    return session === null ? null : toImpersonationType(session);
  }

  @Mutation(() => ImpersonationPayloadType, {
    description:
      'Opens a session as a person, for an administrator of the platform who has authenticated lately. It cannot change how ' +
      'the person gets in, nor enter another tenant, and is marked in its tokens, the audit log and the person’s sessions.',
  })
  async impersonate(
    @Ctx() context: AuthContext,
    @Arg('input', () => ImpersonateInput) input: ImpersonateInput,
  ): Promise<ImpersonationPayloadType> {
    const { session, tokens } = await context.services.impersonation.start(context, input);
    const impersonation = toImpersonationType(session);
    return Object.assign(new ImpersonationPayloadType(), { impersonation, tokens: toAuthTokensType(tokens) });
  }
}
