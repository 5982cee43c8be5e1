import { Migration } from '@mikro-orm/migrations';

/** Lists of one bucket. What is being uploaded is little at a time, and is found by when that has to be over. */
export class Migration0012FileBuckets extends Migration {
  override up(): void {
    this.addSql(`create index file_bucket on file (tenant_id, bucket, id) where status = 'READY'`);
  }
}
