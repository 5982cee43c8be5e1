import { BigIntType } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** PENDING waits for its bytes; EXPIRED waited in vain; the bytes of EXPIRED and DELETED are being removed. */
export type FileStatus = 'PENDING' | 'READY' | 'EXPIRED' | 'DELETED';

@Entity({ tableName: 'file' })
export class FileEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  tenantId!: string;

  @Property({ type: 'uuid' })
  ownerId!: string;

  @Property({ type: 'text' })
  name!: string;

  @Property({ type: 'text' })
  bucket!: string;

  @Property({ type: 'text' })
  contentType!: string;

  @Property({ type: new BigIntType('number') })
  sizeBytes!: number;

  @Property({ type: 'text', nullable: true })
  sha256: string | null = null;

  @Property({ type: 'text' })
  status!: FileStatus;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  @Property({ type: 'timestamptz' })
  uploadExpiresAt!: Date;

  /** When the object is to be removed from the store, or removed once more. */
  @Property({ type: 'timestamptz', nullable: true })
  removalDueAt: Date | null = null;
}
