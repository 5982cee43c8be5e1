import { Cost } from '@tessera/service/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { AuthContext } from '../context.js';
import { passwordCost } from '../passwords/password-cost.js';
import { rememberPerson, rememberSignIn } from '../sign-in/remember-sign-in.js';
import {
  SignInInput,
  SignInResult,
  SignUpInput,
  SignUpPayloadType,
  toSignInResult,
  toSignUpPayload,
} from './sign-in.type.js';
import type { MfaRequiredType, SignedInType } from './sign-in.type.js';

@Resolver()
export class SignInResolver {
  @Cost(passwordCost)
  @Mutation(() => SignUpPayloadType, { description: 'Makes an account and signs in to it.' })
  async signUp(
    @Ctx() context: AuthContext,
    @Arg('input', () => SignUpInput) input: SignUpInput,
  ): Promise<SignUpPayloadType> {
    await context.services.captcha.assertPerson(input.captchaToken);
    const person = await context.services.accounts.signUp(context, input);
    const signedIn = person.signedIn && rememberPerson(context, person.signedIn);
    return toSignUpPayload({ ...person, signedIn });
  }

  @Cost(passwordCost)
  @Mutation(() => SignInResult, { description: 'Opens a session by e-mail address and password.' })
  async signIn(
    @Ctx() context: AuthContext,
    @Arg('input', () => SignInInput) input: SignInInput,
  ): Promise<SignedInType | MfaRequiredType> {
    return toSignInResult(rememberSignIn(context, await context.services.accounts.signIn(context, input)));
  }
}
