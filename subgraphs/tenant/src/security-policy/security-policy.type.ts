import { noSecurityPolicy } from '@tessera/service/security-policy';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { SecurityPolicyEntity } from './security-policy.entity.js';

@ObjectType('SecurityPolicy', { description: 'What a tenant asks of those who act in it.' })
export class SecurityPolicyType {
  @Field(() => Int, { description: 'How often it has been changed; to be sent with a change.' })
  version!: number;

  @Field(() => Boolean, {
    description:
      'Whether members must have signed in with a passkey or shown a code of an authenticator app; else MFA_REQUIRED.',
  })
  isMfaRequired!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: 'After how many minutes members prove again who they are; else SESSION_TOO_OLD. Null: never.',
  })
  maxSessionMinutes!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'After how many minutes without a refresh they do so; else SESSION_IDLE. Null: never.',
  })
  maxIdleMinutes!: number | null;

  @Field(() => [String], {
    description:
      'How sessions may have been opened: `password`, `email`, `passkey`, `oidc` or `oidc:<provider>`; else SIGN_IN_WAY_NOT_ALLOWED. Empty: any way.',
  })
  signInWays!: readonly string[];

  @Field(() => [String], {
    description:
      'From where people and programs may come: IPv4 addresses and networks, IPv6 networks of at most 64 bits; else ADDRESS_NOT_ALLOWED. Empty: from anywhere.',
  })
  networks!: readonly string[];

  @Field(() => Date, { nullable: true, description: 'When it was last changed; null where it never was.' })
  changedAt!: Date | null;
}

@InputType({ description: 'The whole policy of the active tenant: what is absent is asked of nobody any more.' })
export class UpdateSecurityPolicyInput {
  @Field(() => Boolean, { defaultValue: false, description: 'Whether a second factor, or a passkey, is needed.' })
  isMfaRequired!: boolean;

  @Field(() => Int, { nullable: true, description: '5 minutes to 90 days.' })
  maxSessionMinutes?: number;

  @Field(() => Int, { nullable: true, description: '5 minutes to 7 days.' })
  maxIdleMinutes?: number;

  @Field(() => [String], {
    defaultValue: [],
    description: '`password`, `email`, `passkey`, `oidc` or `oidc:<provider>`; 20 at most.',
  })
  signInWays!: string[];

  @Field(() => [String], {
    defaultValue: [],
    description: 'IPv4 addresses and networks, IPv6 networks of at most 64 bits; 100 at most.',
  })
  networks!: string[];

  @Field(() => Int, {
    nullable: true,
    description: 'CONFLICT unless this is its version; without it the last one wins.',
  })
  expectedVersion?: number;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether it holds although it refuses the very session that asks.',
  })
  force!: boolean;
}

@InputType({ description: 'Whose policy asks for nothing from now on, and why.' })
export class ResetSecurityPolicyInput {
  @Field(() => ID, { description: 'The tenant.' })
  tenantId!: string;

  @Field(() => String, { description: 'For the audit log: 500 characters at most.' })
  reason!: string;
}

export function toSecurityPolicyType(stored: SecurityPolicyEntity | null): SecurityPolicyType {
  const { version, isMfaRequired, maxSessionMinutes, maxIdleMinutes, signInWays, networks } =
    stored ?? noSecurityPolicy;
  const rules = { version, isMfaRequired, maxSessionMinutes, maxIdleMinutes, signInWays, networks };
  return Object.assign(new SecurityPolicyType(), rules, { changedAt: stored?.changedAt ?? null });
}
