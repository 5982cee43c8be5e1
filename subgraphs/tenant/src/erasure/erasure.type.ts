import { GraphQLJSON } from '@tessera/service/graphql';
import type { SubjectKind } from '@tessera/service/personal-data';
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { SubjectKindEnum } from '../legal-holds/legal-hold.type.js';
import type { ErasureEntity, ErasureReportEntity } from './erasure.entity.js';

export const ErasureScopeEnum = { TENANT: 'TENANT', MYSELF: 'MYSELF' } as const;

registerEnumType(ErasureScopeEnum, {
  name: 'ErasureScope',
  description: 'What is to be erased.',
  valuesConfig: {
    TENANT: { description: 'The active tenant with all that belongs to it.' },
    MYSELF: { description: 'The caller, as a person, on the whole platform.' },
  },
});

export const ErasureStatusEnum = {
  SCHEDULED: 'SCHEDULED',
  RUNNING: 'RUNNING',
  COMPLETED: 'COMPLETED',
  CANCELLED: 'CANCELLED',
} as const;

registerEnumType(ErasureStatusEnum, {
  name: 'ErasureStatus',
  description: 'How far an erasure is.',
  valuesConfig: {
    SCHEDULED: { description: 'It can still be cancelled.' },
    RUNNING: { description: 'It cannot be taken back any more.' },
    COMPLETED: { description: 'Nothing is left but what the law or the platform’s books want kept.' },
    CANCELLED: { description: 'Nothing was erased.' },
  },
});

@ObjectType('ErasureReport', { description: 'What one service has erased: a part of the certificate.' })
export class ErasureReportType {
  @Field(() => String, { description: 'Name of the service.' })
  subgraph!: string;

  @Field(() => Date, { description: 'When it was done.' })
  reportedAt!: Date;

  @Field(() => GraphQLJSON, { description: 'By table, how many rows were deleted or made anonymous.' })
  counts!: Record<string, number>;
}

@ObjectType('Erasure', { description: 'That a tenant or a person is erased from the platform.' })
export class ErasureType {
  @Field(() => ID, { description: 'Grows with time.' })
  id!: string;

  @Field(() => SubjectKindEnum, { description: 'Whether a tenant or a person is erased.' })
  kind!: SubjectKind;

  @Field(() => ID, { description: 'The tenant or the person.' })
  subjectId!: string;

  @Field(() => ErasureStatusEnum, { description: 'How far it is.' })
  status!: keyof typeof ErasureStatusEnum;

  @Field(() => Date, { description: 'When it was asked for.' })
  requestedAt!: Date;

  @Field(() => Date, { description: 'When it begins, or began; until then it can be cancelled.' })
  dueAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When every service had reported; null until then.' })
  completedAt!: Date | null;
}

@InputType({ description: 'What to erase.' })
export class RequestErasureInput {
  @Field(() => ErasureScopeEnum, { description: 'The active tenant, or oneself.' })
  scope!: keyof typeof ErasureScopeEnum;
}

@InputType({ description: 'Whom the platform erases, and why.' })
export class ErasePersonInput {
  @Field(() => ID, { description: 'The person.' })
  userId!: string;

  @Field(() => String, { description: 'For the audit log of the platform, 1 to 500 characters.' })
  reason!: string;
}

/** An erasure as clients see it. */
export function toErasureType(entity: ErasureEntity): ErasureType {
  const { id, kind, subjectId, requestedAt, dueAt, startedAt, completedAt } = entity;
  return Object.assign(new ErasureType(), {
    id,
    kind,
    subjectId,
    status: statusOf(entity),
    requestedAt,
    dueAt: startedAt ?? dueAt,
    completedAt,
  });
}

function statusOf({ cancelledAt, startedAt, completedAt }: ErasureEntity): keyof typeof ErasureStatusEnum {
  if (cancelledAt !== null) return 'CANCELLED';
  if (completedAt !== null) return 'COMPLETED';
  return startedAt === null ? 'SCHEDULED' : 'RUNNING';
}

/** A report as clients see it. */
export function toErasureReportType({ subgraph, reportedAt, counts }: ErasureReportEntity): ErasureReportType {
  return Object.assign(new ErasureReportType(), { subgraph, reportedAt, counts });
}
