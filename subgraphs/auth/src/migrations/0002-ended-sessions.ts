import { Migration } from '@mikro-orm/migrations';

/** Gateways that start ask for the sessions that ended lately. */
export class Migration0002EndedSessions extends Migration {
  override up(): void {
    this.addSql('create index session_revocation on session (revoked_at) where revoked_at is not null');
  }
}
