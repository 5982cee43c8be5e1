import { Migration } from '@mikro-orm/migrations';
import { recentWritesSql } from '@tessera/service/database';

/** Who wrote lately, so that they read their own writes from standbys too. */
export class Migration0005RecentWrites extends Migration {
  override up(): void {
    for (const statement of recentWritesSql) this.addSql(statement);
  }
}
