import { connectionType, GraphQLJSON } from '@tessera/service/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { PlaceType, toPlaceType } from '../sessions/place.type.js';
import type { AuditEntryEntity } from './audit-entry.entity.js';

@ObjectType('AuditEntry', { description: 'One line of the audit log: who did what, from where.' })
export class AuditEntryType {
  @Field(() => ID, { description: 'Grows with time.' })
  id!: string;

  @Field(() => Date, { description: 'When it happened.' })
  occurredAt!: Date;

  @Field(() => String, { description: 'What happened, as `<thing>.<pastTense>`: `session.opened`.' })
  action!: string;

  @Field(() => String, { description: '`success` or `denied`.' })
  outcome!: string;

  @Field(() => String, { description: '`user`, `service` (it acts by itself) or `anonymous`.' })
  actorKind!: string;

  @Field(() => ID, { nullable: true, description: 'The person who did it.' })
  actorId!: string | null;

  @Field(() => ID, { nullable: true, description: 'Who really did it, where somebody impersonated the actor.' })
  impersonatorId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The person whom it concerns, where that is another.' })
  subjectId!: string | null;

  @Field(() => String, { nullable: true, description: 'Type of what it was done to.' })
  targetType!: string | null;

  @Field(() => String, { nullable: true, description: 'Id of what it was done to.' })
  targetId!: string | null;

  @Field(() => String, { nullable: true, description: 'Address of the client: IPv4, or an IPv6 network of 64 bits.' })
  clientAddress!: string | null;

  @Field(() => PlaceType, { nullable: true, description: 'Where that is; null where nobody says.' })
  clientPlace!: PlaceType | null;

  @Field(() => String, { nullable: true, description: 'What the client calls itself.' })
  userAgent!: string | null;

  @Field(() => String, { nullable: true, description: 'The request, as logs and answers name it.' })
  requestId!: string | null;

  @Field(() => GraphQLJSON, { description: 'What else there is to know.' })
  details!: Record<string, unknown>;
}

export const AuditEntryConnection = connectionType('AuditEntry', AuditEntryType);

@InputType('AuditFilter', { description: 'Which entries to list: all conditions that are there must hold.' })
export class AuditFilterInput {
  @Field(() => String, { nullable: true, description: 'Exactly this action.' })
  action?: string;

  @Field(() => String, { nullable: true, description: '`success` or `denied`.' })
  outcome?: string;

  @Field(() => ID, { nullable: true, description: 'Done by this person, or in this person’s name.' })
  actorId?: string;

  @Field(() => ID, { nullable: true, description: 'Done by this person in others’ names.' })
  impersonatorId?: string;

  @Field(() => ID, { nullable: true, description: 'Concerning this person.' })
  subjectId?: string;

  @Field(() => String, { nullable: true, description: 'Done to things of this type.' })
  targetType?: string;

  @Field(() => String, { nullable: true, description: 'Done to this.' })
  targetId?: string;

  @Field(() => String, { nullable: true, description: 'From this address: IPv4, or an IPv6 network of 64 bits.' })
  clientAddress?: string;

  @Field(() => Date, { nullable: true, description: 'From this moment on.' })
  from?: Date;

  @Field(() => Date, { nullable: true, description: 'Before this moment.' })
  to?: Date;
}

/** An entry as clients see it. */
export function toAuditEntryType(entity: AuditEntryEntity): AuditEntryType {
  const clientPlace = toPlaceType(entity.clientCountry, entity.clientCity);
  return Object.assign(new AuditEntryType(), entity, { clientPlace });
}
