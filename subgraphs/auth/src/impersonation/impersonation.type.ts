import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { SessionEntity } from '../sessions/session.entity.js';
import { AuthTokensType } from '../tokens/auth-tokens.type.js';

@InputType({ description: 'As whom an administrator of the platform wants to act, where, and why.' })
export class ImpersonateInput {
  @Field(() => ID, { description: 'The person: none who runs the platform.' })
  userId!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The tenant to act in, of which the person is a member; without it in none.',
  })
  tenantId?: string;

  @Field(() => String, { description: 'Why, 5 to 500 characters. The person and the audit log are told.' })
  reason!: string;

  @Field(() => Int, { defaultValue: 30, description: 'How long, 1 to 60 minutes; nothing makes it longer.' })
  minutes!: number;
}

@ObjectType('Impersonation', { description: 'Somebody of the platform acts as a person.' })
export class ImpersonationType {
  @Field(() => ID, { description: 'The session in which that is done: `revokeSession` ends it.' })
  sessionId!: string;

  @Field(() => ID, { description: 'Who is acted as.' })
  userId!: string;

  @Field(() => ID, { description: 'Who really acts.' })
  impersonatorId!: string;

  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => Date, { description: 'Since when.' })
  startedAt!: Date;

  @Field(() => Date, { description: 'When it ends at the latest.' })
  endsAt!: Date;
}

@ObjectType('ImpersonationPayload', { description: 'An impersonation that has begun.' })
export class ImpersonationPayloadType {
  @Field(() => ImpersonationType, { description: 'The impersonation.' })
  impersonation!: ImpersonationType;

  @Field(() => AuthTokensType, {
    description: 'Tokens to act with. They can be refreshed until it ends, and not longer.',
  })
  tokens!: AuthTokensType;
}

/** The impersonation that a session is; null for a person's own. */
export function toImpersonationType(session: SessionEntity): ImpersonationType | null {
  const { id: sessionId, userId, impersonatorId, createdAt: startedAt, endsAt } = session;
  if (impersonatorId === null || endsAt === null) return null;
  const reason = session.impersonationReason ?? '';
  return Object.assign(new ImpersonationType(), { sessionId, userId, impersonatorId, reason, startedAt, endsAt });
}
