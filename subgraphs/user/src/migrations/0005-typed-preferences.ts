import { Migration } from '@mikro-orm/migrations';

/** What front ends have kept under keys of their own moves to where such keys belong now: into `app`. */
export class Migration0005TypedPreferences extends Migration {
  override up(): void {
    // Row-level security is forced on the owner too.
    this.addSql(`select set_config('app.service', 'on', true)`);
    this.addSql(`
      update user_profile set preferences = jsonb_build_object('app', preferences - 'theme') ||
        case when preferences ->> 'theme' in ('system', 'light', 'dark')
          then jsonb_build_object('theme', preferences -> 'theme') else '{}' end
      where preferences <> '{}'`);
    this.addSql(`select set_config('app.service', 'off', true)`);
  }
}
