import { Migration } from '@mikro-orm/migrations';

/** A file may be empty. */
export class Migration0009EmptyFiles extends Migration {
  override up(): void {
    // What was more than nothing is not less: no row has to be looked at while the table is locked.
    this.addSql(`alter table file drop constraint file_size_bytes_check,
      add constraint file_size_bytes_check check (size_bytes >= 0) not valid`);
  }
}
