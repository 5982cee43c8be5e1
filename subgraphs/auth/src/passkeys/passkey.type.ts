import { GraphQLJSON } from '@tessera/service/graphql';
import type { JsonObject } from '@tessera/service/json';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { PasskeyEntity } from './passkey.entity.js';
import type { PasskeyQuestion } from './passkey.service.js';

@ObjectType('Passkey', { description: 'A passkey of the caller.' })
export class PasskeyType {
  @Field(() => ID, { description: 'Names it when it is removed.' })
  id!: string;

  @Field(() => String, { description: 'What its owner calls it.' })
  name!: string;

  @Field(() => Boolean, { description: 'Whether it lives in more than one device.' })
  isBackedUp!: boolean;

  @Field(() => Date, { description: 'When it was added.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was last signed in with.' })
  lastUsedAt!: Date | null;
}

@ObjectType('PasskeyCeremony', { description: 'A question to an authenticator.' })
export class PasskeyCeremonyType {
  @Field(() => ID, { description: 'Goes with the answer.' })
  ceremonyId!: string;

  @Field(() => GraphQLJSON, {
    description:
      'For the browser: `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` (WebAuthn Level 3).',
  })
  options!: JsonObject;

  @Field(() => Date, { description: 'Until then the answer must come.' })
  expiresAt!: Date;
}

@InputType({ description: 'The answer of an authenticator that made a passkey.' })
export class CompletePasskeyRegistrationInput {
  @Field(() => ID, { description: 'As startPasskeyRegistration named it.' })
  ceremonyId!: string;

  @Field(() => String, { description: 'What to call it, up to 100 characters.' })
  name!: string;

  @Field(() => GraphQLJSON, { description: 'The credential, by its `toJSON()`.' })
  response!: unknown;
}

@InputType({ description: 'Whose passkey to ask for.' })
export class StartPasskeySignInInput {
  @Field(() => String, {
    nullable: true,
    description: 'Address of sign-in; without one the authenticator says who it is.',
  })
  email?: string;
}

@InputType({ description: 'The answer of an authenticator that has a passkey.' })
export class CompletePasskeySignInInput {
  @Field(() => ID, { description: 'As startPasskeySignIn named it.' })
  ceremonyId!: string;

  @Field(() => GraphQLJSON, { description: 'The credential, by its `toJSON()`.' })
  response!: unknown;
}

export const toPasskeyCeremony = (question: PasskeyQuestion): PasskeyCeremonyType =>
  Object.assign(new PasskeyCeremonyType(), question);

/** A passkey as its owner sees it. */
export function toPasskeyType({ id, name, isBackedUp, createdAt, lastUsedAt }: PasskeyEntity): PasskeyType {
  return Object.assign(new PasskeyType(), { id, name, isBackedUp, createdAt, lastUsedAt });
}
