import { Migration } from '@mikro-orm/migrations';

/** Whom the platform has locked out, and the programs that a person made: they are locked with their maker. */
export class Migration0023DeactivatedAccounts extends Migration {
  override up(): void {
    this.addSql('alter table account add column deactivated_at timestamptz');
    this.addSql('create index account_deactivated on account (id) where deactivated_at is not null');
    this.addSql('create index api_key_maker on api_key (created_by) where revoked_at is null');
    this.addSql('create index machine_client_maker on machine_client (created_by) where revoked_at is null');
  }
}
