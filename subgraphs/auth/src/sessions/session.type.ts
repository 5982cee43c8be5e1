import { Field, ID, ObjectType } from 'type-graphql';
import { ImpersonationType, toImpersonationType } from '../impersonation/impersonation.type.js';
import { PlaceType, toPlaceType } from './place.type.js';
import type { SessionEntity } from './session.entity.js';

@ObjectType('Session', { description: 'One sign-in on one device.' })
export class SessionType {
  @Field(() => ID, { description: 'Stays the same through refreshes.' })
  id!: string;

  @Field(() => Date, { description: 'When the person signed in.' })
  createdAt!: Date;

  @Field(() => Date, { description: 'When tokens were last refreshed.' })
  lastUsedAt!: Date;

  @Field(() => String, { nullable: true, description: 'The program it was opened with, by its own account.' })
  userAgent!: string | null;

  @Field(() => String, { nullable: true, description: 'The address it was opened from.' })
  ipAddress!: string | null;

  @Field(() => PlaceType, {
    nullable: true,
    description: 'Where that is; null where nobody in front of the platform says.',
  })
  place!: PlaceType | null;

  @Field(() => Date, { description: 'When it ends if it is not used again.' })
  expiresAt!: Date;

  @Field(() => Boolean, { description: 'Whether somebody of the platform acts in it as the person.' })
  isImpersonated!: boolean;

  @Field(() => ImpersonationType, {
    nullable: true,
    description: 'Who acts in it, and why; null where the person does.',
  })
  impersonation!: ImpersonationType | null;

  @Field(() => Boolean, { description: 'Whether this request belongs to it.' })
  isCurrent!: boolean;

  @Field(() => ID, { nullable: true, description: 'The tenant that is active in it.' })
  tenantId!: string | null;
}

export function toSessionType(session: SessionEntity, currentSessionId: string | undefined): SessionType {
  const { id, createdAt, lastUsedAt, expiresAt, userAgent, ipAddress, tenantId } = session;
  const isCurrent = id === currentSessionId;
  const isImpersonated = session.impersonatorId !== null;
  const impersonation = toImpersonationType(session);
  const place = toPlaceType(session.country, session.city);
  const fields = { id, createdAt, lastUsedAt, expiresAt, userAgent, ipAddress, isCurrent, tenantId };
  return Object.assign(new SessionType(), { ...fields, place, isImpersonated, impersonation });
}
