import { Migration } from '@mikro-orm/migrations';

/**
 * Who is slowed down is not worth a flush to the disk at each attempt to sign in. A clean restart keeps the counters; after a crash, and
 * on a standby that takes over, they begin anew.
 */
export class Migration0029UnloggedFailures extends Migration {
  override up(): void {
    this.addSql('alter table sign_in_failure set unlogged');
  }
}
