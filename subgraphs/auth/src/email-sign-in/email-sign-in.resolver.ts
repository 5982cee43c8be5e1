import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import { SignInResult, toSignInResult, type MfaRequiredType, type SignedInType } from '../accounts/sign-in.type.js';
import type { AuthContext } from '../context.js';
import { captchaDescription } from '../defence/captcha-description.js';
import { rememberSignIn } from '../sign-in/remember-sign-in.js';

@InputType({ description: 'Who wants in by mail.' })
export class RequestSignInCodeInput {
  @Field(() => String, { description: 'Address of sign-in.' })
  email!: string;

  @Field(() => String, { nullable: true, description: captchaDescription })
  captchaToken?: string | null;
}

@ObjectType('SignInCodeRequest', { description: 'A code and a link are on their way, if the address has an account.' })
export class SignInCodeRequestType {
  @Field(() => ID, {
    description: 'Goes with the code, which is good in the browser that asked for it alone. Keep it.',
  })
  challengeId!: string;

  @Field(() => Date, { description: 'Until then code and link are good, once.' })
  expiresAt!: Date;
}

@InputType({ description: 'The code of a mail.' })
export class SignInWithCodeInput {
  @Field(() => ID, { description: 'As requestSignInCode answered it.' })
  challengeId!: string;

  @Field(() => String, { description: 'Six digits.' })
  code!: string;
}

@InputType({ description: 'The link of a mail.' })
export class SignInWithLinkInput {
  @Field(() => String, { description: 'The token in the link.' })
  token!: string;
}

@Resolver()
export class EmailSignInResolver {
  @Mutation(() => SignInCodeRequestType, {
    description: 'Sends a code and a link to sign in with, if the address has an account. The answer does not tell.',
  })
  async requestSignInCode(
    @Ctx() { services }: AuthContext,
    @Arg('input', () => RequestSignInCodeInput) input: RequestSignInCodeInput,
  ): Promise<SignInCodeRequestType> {
    await services.captcha.assertPerson(input.captchaToken);
    return Object.assign(new SignInCodeRequestType(), await services.emailSignIn.request(input));
  }

  @Mutation(() => SignInResult, { description: 'Opens a session by the code of a mail. It has five tries.' })
  async signInWithCode(
    @Ctx() context: AuthContext,
    @Arg('input', () => SignInWithCodeInput) input: SignInWithCodeInput,
  ): Promise<SignedInType | MfaRequiredType> {
    return toSignInResult(rememberSignIn(context, await context.services.emailSignIn.signInWithCode(context, input)));
  }

  @Mutation(() => SignInResult, {
    description: 'Opens a session by the link of a mail, in whatever browser it is opened.',
  })
  async signInWithLink(
    @Ctx() context: AuthContext,
    @Arg('input', () => SignInWithLinkInput) input: SignInWithLinkInput,
  ): Promise<SignedInType | MfaRequiredType> {
    return toSignInResult(rememberSignIn(context, await context.services.emailSignIn.signInWithLink(context, input)));
  }
}
