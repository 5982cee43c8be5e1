import { Migration } from '@mikro-orm/migrations';

/** Invitations are for the address that they were sent to, also those that are under way, unless whoever invites says otherwise. */
export class Migration0004BoundInvitations extends Migration {
  override up(): void {
    this.addSql(`alter table invitation
      add column open_to_anyone boolean not null default false,
      add column sent_count integer not null default 1,
      add column last_sent_at timestamptz`);
    this.addSql(`create index invitation_open on invitation (tenant_id, email)
      where accepted_at is null and revoked_at is null`);
  }
}
