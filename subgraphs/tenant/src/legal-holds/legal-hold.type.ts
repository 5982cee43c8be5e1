import { connectionType } from '@tessera/service/graphql';
import type { SubjectKind } from '@tessera/service/personal-data';
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import type { LegalHoldEntity } from './legal-hold.entity.js';

/** The values are those of inventories and events. */
export const SubjectKindEnum = { TENANT: 'tenant', PERSON: 'person' } as const;

registerEnumType(SubjectKindEnum, {
  name: 'DataSubjectKind',
  description: 'Whose data.',
  valuesConfig: {
    TENANT: { description: 'All that belongs to a tenant.' },
    PERSON: { description: 'All that is known of a person.' },
  },
});

@ObjectType('LegalHold', { description: 'That nothing of a tenant or a person is erased, whoever asks for it.' })
export class LegalHoldType {
  @Field(() => ID, { description: 'Grows with time.' })
  id!: string;

  @Field(() => SubjectKindEnum, { description: 'Whether a tenant or a person is held.' })
  kind!: SubjectKind;

  @Field(() => ID, { description: 'The tenant or the person.' })
  subjectId!: string;

  @Field(() => String, { description: 'Why it was set.' })
  reason!: string;

  @Field(() => Date, { description: 'Since when.' })
  setAt!: Date;

  @Field(() => Date, { nullable: true, description: 'Until when; null while it holds.' })
  clearedAt!: Date | null;
}

export const LegalHoldConnection = connectionType('LegalHold', LegalHoldType);

@InputType({ description: 'Whom to put on hold, or to let go, and why.' })
export class LegalHoldInput {
  @Field(() => SubjectKindEnum, { description: 'Whether a tenant or a person.' })
  kind!: SubjectKind;

  @Field(() => ID, { description: 'The tenant or the person.' })
  subjectId!: string;

  @Field(() => String, { description: 'For the audit log: 500 characters at most.' })
  reason!: string;
}

/** A hold as clients see it. */
export function toLegalHoldType(entity: LegalHoldEntity): LegalHoldType {
  const { id, kind, subjectId, reason, setAt, clearedAt } = entity;
  return Object.assign(new LegalHoldType(), { id, kind, subjectId, reason, setAt, clearedAt });
}
