import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** A file that may be shown as somebody's picture, as the storage subgraph's events told. */
@Entity({ tableName: 'picture' })
export class PictureEntity {
  /** The file's id. */
  @PrimaryKey({ type: 'uuid', fieldName: 'file_id' })
  id!: string;

  @Property({ type: 'uuid' })
  tenantId!: string;

  /** Who uploaded it. */
  @Property({ type: 'uuid' })
  ownerId!: string;
}
