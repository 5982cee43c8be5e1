import { Migration } from '@mikro-orm/migrations';

/** An export that cannot be completed ends, with a reason, and hinders no other. */
export class Migration0011FailedExports extends Migration {
  override up(): void {
    this.addSql(`alter table data_export
      add column moved_at timestamptz not null default now(),
      add column failure jsonb,
      add check (completed_at is null or failure is null)`);
    this.addSql('drop index data_export_open');
    this.addSql(`create unique index data_export_open on data_export (kind, subject_id)
      where completed_at is null and failure is null`);
  }
}
