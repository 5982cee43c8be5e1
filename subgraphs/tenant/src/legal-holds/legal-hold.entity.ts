import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { SubjectKind } from '@tessera/service/personal-data';

/** While it is not cleared, nothing of the subject is erased. */
@Entity({ tableName: 'legal_hold' })
export class LegalHoldEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'text' })
  kind!: SubjectKind;

  @Property({ type: 'uuid' })
  subjectId!: string;

  @Property({ type: 'text' })
  reason!: string;

  @Property({ type: 'uuid' })
  setBy!: string;

  @Property({ type: 'timestamptz' })
  setAt!: Date;

  @Property({ type: 'uuid', nullable: true })
  clearedBy: string | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  clearedAt: Date | null = null;
}
