import { Migration } from '@mikro-orm/migrations';

/** How often, and when last, a person signed in: sessions are forgotten, and the log is kept for a time. */
export class Migration0026SignInCounts extends Migration {
  override up(): void {
    this.addSql(`alter table account
      add column sign_in_count integer not null default 0,
      add column last_signed_in_at timestamptz`);
  }
}
