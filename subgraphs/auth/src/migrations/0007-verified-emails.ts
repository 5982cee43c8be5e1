import { Migration } from '@mikro-orm/migrations';

export class Migration0007VerifiedEmails extends Migration {
  override up(): void {
    this.addSql('alter table account add column email_verified_at timestamptz');
  }
}
