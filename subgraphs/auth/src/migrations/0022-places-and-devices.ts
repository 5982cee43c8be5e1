import { Migration } from '@mikro-orm/migrations';

/** Where somebody signed in, with what, and whether it was the first time; where what the log tells of was done from. */
export class Migration0022PlacesAndDevices extends Migration {
  override up(): void {
    const statements = [
      'alter table session add column country text, add column city text, add column device_key bytea',
      'alter table audit_entry add column client_country text, add column client_city text',
      'alter table account add column first_signed_in_at timestamptz',
      // Who has an account has been here: the next sign-in from elsewhere is worth a mail.
      'update account set first_signed_in_at = created_at',
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
