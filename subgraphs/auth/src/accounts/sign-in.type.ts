import { createUnionType, Directive, Field, ID, InputType, ObjectType } from 'type-graphql';
import { captchaDescription } from '../defence/captcha-description.js';
import { AuthTokensType, toAuthTokensType } from '../tokens/auth-tokens.type.js';
import type { SignInChallenge } from '../sign-in/sign-in-challenge.js';
import type { SignedInPerson, SignInAnswer } from '../sign-in/sign-in-completion.js';
import type { NewPerson } from './account.service.js';
import { toSignedInUser, toUserType, UserType } from './user.type.js';

@InputType({ description: 'Who wants to join the platform.' })
export class SignUpInput {
  @Field(() => String, { description: 'Address of sign-in. Case does not matter.' })
  email!: string;

  @Field(() => String, { description: '8 to 1,024 bytes.' })
  password!: string;

  @Field(() => String, { description: 'Name that others see, up to 200 characters.' })
  displayName!: string;

  @Field(() => String, { nullable: true, description: 'BCP 47: language of mails, and the profile’s at first.' })
  locale?: string;

  @Field(() => String, { nullable: true, description: captchaDescription })
  captchaToken?: string | null;
}

@InputType({ description: 'Who wants in.' })
export class SignInInput {
  @Field(() => String, { description: 'Address of sign-in.' })
  email!: string;

  @Field(() => String, { description: 'The password.' })
  password!: string;
}

@ObjectType('SignUpPayload', { description: 'A new person.' })
export class SignUpPayloadType {
  @Directive('@provides(fields: "displayName")')
  @Field(() => UserType, { description: 'The person.' })
  user!: UserType;

  @Field(() => AuthTokensType, {
    nullable: true,
    description: 'Tokens of a first session; null where the address must be verified first.',
  })
  tokens!: AuthTokensType | null;
}

@ObjectType('SignedIn', { description: 'The person is known.' })
export class SignedInType {
  @Field(() => UserType, { description: 'The person.' })
  user!: UserType;

  @Field(() => AuthTokensType, { description: 'Tokens of a new session.' })
  tokens!: AuthTokensType;
}

@ObjectType('MfaRequired', {
  description: 'The first factor is right, and a second one is needed: verifyMfa takes it.',
})
export class MfaRequiredType {
  @Field(() => ID, { description: 'Names this sign-in when the second factor is sent.' })
  challengeId!: string;

  @Field(() => Date, { description: 'Until then it must come.' })
  expiresAt!: Date;
}

export const SignInResult = createUnionType({
  name: 'SignInResult',
  description: 'How a sign-in went on.',
  types: () => [SignedInType, MfaRequiredType] as const,
});

export function toSignUpPayload({ userId, displayName, signedIn }: NewPerson): SignUpPayloadType {
  const user = signedIn === undefined ? toUserType(userId) : toSignedInUser(signedIn.state);
  return Object.assign(new SignUpPayloadType(), {
    user: Object.assign(user, { displayName }),
    tokens: signedIn === undefined ? null : toAuthTokensType(signedIn.tokens),
  });
}

export function toSignedIn({ state, tokens }: SignedInPerson): SignedInType {
  return Object.assign(new SignedInType(), { user: toSignedInUser(state), tokens: toAuthTokensType(tokens) });
}

/** How a sign-in went on, as clients see it. */
export function toSignInResult(answer: SignInAnswer): SignedInType | MfaRequiredType {
  return answer.kind === 'signedIn' ? toSignedIn(answer.person) : toMfaRequired(answer.challenge);
}

function toMfaRequired({ challengeId, expiresAt }: SignInChallenge): MfaRequiredType {
  return Object.assign(new MfaRequiredType(), { challengeId, expiresAt });
}
