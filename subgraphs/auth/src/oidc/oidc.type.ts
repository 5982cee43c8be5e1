import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { OidcStart } from './come-back.js';
import type { IdentityEntity } from './identity.entity.js';

@ObjectType('OidcProvider', { description: 'An identity provider that people may sign in with.' })
export class OidcProviderType {
  @Field(() => ID, { description: 'Names it when a sign-in starts.' })
  id!: string;

  @Field(() => String, { description: 'Shown to people.' })
  name!: string;
}

@ObjectType('Identity', { description: 'Who the caller is to an identity provider.' })
export class IdentityType {
  @Field(() => ID, { description: 'Names it when it is unlinked.' })
  id!: string;

  @Field(() => ID, { description: 'The provider.' })
  providerId!: string;

  @Field(() => String, { nullable: true, description: 'The address that the provider knew when it was linked.' })
  email!: string | null;

  @Field(() => Date, { description: 'When it was linked.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was last signed in with.' })
  lastUsedAt!: Date | null;
}

@InputType({ description: 'Which provider, and where it sends back to.' })
export class StartOidcInput {
  @Field(() => ID, { description: 'One of oidcProviders.' })
  providerId!: string;

  @Field(() => String, { description: 'Exactly one of those that the platform’s settings allow the provider.' })
  redirectUri!: string;
}

@ObjectType('OidcFlow', { description: 'A way to an identity provider and back.' })
export class OidcFlowType {
  @Field(() => ID, { description: 'Keep it in the browser that began: nobody else can finish.' })
  flowId!: string;

  @Field(() => String, { description: 'Send the person there.' })
  authorizationUrl!: string;

  @Field(() => Date, { description: 'Until then the person must be back.' })
  expiresAt!: Date;
}

@InputType({ description: 'What a person came back with.' })
export class CompleteOidcInput {
  @Field(() => ID, { description: 'As it was answered at the start.' })
  flowId!: string;

  @Field(() => String, { description: 'The whole URL that the provider sent the browser back to.' })
  callbackUrl!: string;
}

export const toOidcFlow = (start: OidcStart): OidcFlowType => Object.assign(new OidcFlowType(), start);

/** An identity as its owner sees it. */
export function toIdentityType({ id, providerId, email, createdAt, lastUsedAt }: IdentityEntity): IdentityType {
  return Object.assign(new IdentityType(), { id, providerId, email, createdAt, lastUsedAt });
}
