import { Migration } from '@mikro-orm/migrations';

/** People are told which invitations wait for them, by their address. */
export class Migration0019OpenInvitations extends Migration {
  override up(): void {
    this.addSql(
      'create index invitation_waiting on invitation (email) where accepted_at is null and revoked_at is null',
    );
  }
}
