import { Migration } from '@mikro-orm/migrations';

/**
 * What is off is stored instead of what is on, so that a service that joins the platform is on for the tenants that are there.
 * The column of before stays for instances that still read it while this is rolled out; nothing writes it any more.
 */
export class Migration0003DisabledServices extends Migration {
  override up(): void {
    this.addSql(`alter table tenant add column disabled_services text[] not null default '{}'`);
    this.addSql(
      `alter table tenant alter column enabled_services set default '{auth,tenant,user,storage,analytics}'::text[]`,
    );
  }
}
