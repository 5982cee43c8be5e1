import { ListCost } from '@tessera/service/graphql';
import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { SignInResult, toSignInResult, type MfaRequiredType, type SignedInType } from '../accounts/sign-in.type.js';
import type { AuthContext } from '../context.js';
import { rememberSignIn } from '../sign-in/remember-sign-in.js';
import {
  CompleteOidcInput,
  IdentityType,
  OidcFlowType,
  OidcProviderType,
  StartOidcInput,
  toIdentityType,
  toOidcFlow,
} from './oidc.type.js';

@Resolver()
export class OidcResolver {
  @ListCost(5)
  @Query(() => [OidcProviderType], { description: 'Identity providers that people may sign in with.' })
  oidcProviders(@Ctx() { services }: AuthContext): OidcProviderType[] {
    return services.oidcClient.providers.map(({ id, name }) => Object.assign(new OidcProviderType(), { id, name }));
  }

  @ListCost(5)
  @Query(() => [IdentityType], { description: 'The identities that the caller’s account is linked to.' })
  async identities(@Ctx() context: AuthContext): Promise<IdentityType[]> {
    return (await context.services.identities.list(context)).map(toIdentityType);
  }

  @Mutation(() => OidcFlowType, { description: 'Begins a sign-in with an identity provider.' })
  async startOidcSignIn(
    @Ctx() { services }: AuthContext,
    @Arg('input', () => StartOidcInput) input: StartOidcInput,
  ): Promise<OidcFlowType> {
    return toOidcFlow(await services.oidcSignIn.start(input));
  }

  @Mutation(() => SignInResult, {
    description:
      'Ends a sign-in with an identity provider. Who is new gets an account, if the provider has verified the address and it has none.',
  })
  async completeOidcSignIn(
    @Ctx() context: AuthContext,
    @Arg('input', () => CompleteOidcInput) input: CompleteOidcInput,
  ): Promise<SignedInType | MfaRequiredType> {
    return toSignInResult(rememberSignIn(context, await context.services.oidcSignIn.complete(context, input)));
  }

  @Mutation(() => OidcFlowType, {
    description: 'Begins to link an identity to the caller’s account. Needs a recent authentication.',
  })
  async startOidcLink(
    @Ctx() context: AuthContext,
    @Arg('input', () => StartOidcInput) input: StartOidcInput,
  ): Promise<OidcFlowType> {
    return toOidcFlow(await context.services.identities.startLink(context, input));
  }

  @Mutation(() => [IdentityType], { description: 'Links the identity; answers all that are linked.' })
  async completeOidcLink(
    @Ctx() context: AuthContext,
    @Arg('input', () => CompleteOidcInput) input: CompleteOidcInput,
  ): Promise<IdentityType[]> {
    await context.services.identities.completeLink(context, input);
    return (await context.services.identities.list(context)).map(toIdentityType);
  }

  @Mutation(() => Boolean, { description: 'Unlinks an identity. Needs a recent authentication.' })
  async unlinkIdentity(@Ctx() context: AuthContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    await context.services.identities.unlink(context, id);
    return true;
  }
}
