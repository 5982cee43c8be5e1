import { Migration } from '@mikro-orm/migrations';

/** How long a session lasts unused, and at all, as it was set when it was opened; and who impersonates its person. */
export class Migration0015SessionLimits extends Migration {
  override up(): void {
    this.addSql(`alter table session
      add column idle_seconds integer not null default 604800 check (idle_seconds > 0),
      add column ends_at timestamptz,
      add column impersonator_id uuid`);
  }
}
