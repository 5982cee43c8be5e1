import { BigIntType } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

@Entity({ tableName: 'storage_usage' })
export class UsageEntity {
  @PrimaryKey({ type: 'uuid' })
  tenantId!: string;

  /** Of all files that are stored or may still be uploaded. */
  @Property({ type: new BigIntType('number') })
  bytes!: number;

  @Property({ type: new BigIntType('number') })
  files!: number;

  /** Null where the tenant has none of its own. */
  @Property({ type: new BigIntType('number'), nullable: true })
  quotaBytes: number | null = null;

  /** What its plan allows; null where that is the common quota. */
  @Property({ type: new BigIntType('number'), nullable: true })
  planQuotaBytes: number | null = null;
}
