import { ListCost } from '@tessera/service/graphql';
import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { SignInResult, toSignInResult, type MfaRequiredType, type SignedInType } from '../accounts/sign-in.type.js';
import type { AuthContext } from '../context.js';
import { rememberSignIn } from '../sign-in/remember-sign-in.js';
import {
  CompletePasskeyRegistrationInput,
  CompletePasskeySignInInput,
  PasskeyCeremonyType,
  PasskeyType,
  StartPasskeySignInInput,
  toPasskeyCeremony,
  toPasskeyType,
} from './passkey.type.js';

@Resolver()
export class PasskeyResolver {
  @ListCost(5)
  @Query(() => [PasskeyType], { description: 'The passkeys of the caller.' })
  async passkeys(@Ctx() context: AuthContext): Promise<PasskeyType[]> {
    return (await context.services.passkeys.list(context)).map(toPasskeyType);
  }

  @Mutation(() => PasskeyCeremonyType, {
    description: 'Begins to add a passkey. Needs a recent authentication and a proven address.',
  })
  async startPasskeyRegistration(@Ctx() context: AuthContext): Promise<PasskeyCeremonyType> {
    return toPasskeyCeremony(await context.services.passkeys.startRegistration(context));
  }

  @Mutation(() => PasskeyType, { description: 'Adds the passkey that an authenticator has made.' })
  async completePasskeyRegistration(
    @Ctx() context: AuthContext,
    @Arg('input', () => CompletePasskeyRegistrationInput) input: CompletePasskeyRegistrationInput,
  ): Promise<PasskeyType> {
    return toPasskeyType(await context.services.passkeys.completeRegistration(context, input));
  }

  @Mutation(() => Boolean, { description: 'Removes a passkey. Needs a recent authentication.' })
  async removePasskey(@Ctx() context: AuthContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    await context.services.passkeys.remove(context, id);
    return true;
  }

  @Mutation(() => PasskeyCeremonyType, {
    description: 'Begins a sign-in with a passkey. Whether an address has an account does not show.',
  })
  async startPasskeySignIn(
    @Ctx() { services }: AuthContext,
    @Arg('input', () => StartPasskeySignInInput) input: StartPasskeySignInInput,
  ): Promise<PasskeyCeremonyType> {
    return toPasskeyCeremony(await services.passkeySignIn.start(input));
  }

  @Mutation(() => SignInResult, { description: 'Ends a sign-in with a passkey, which counts as two factors.' })
  async completePasskeySignIn(
    @Ctx() context: AuthContext,
    @Arg('input', () => CompletePasskeySignInInput) input: CompletePasskeySignInInput,
  ): Promise<SignedInType | MfaRequiredType> {
    return toSignInResult(rememberSignIn(context, await context.services.passkeySignIn.complete(context, input)));
  }
}
