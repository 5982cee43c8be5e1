import { Migration } from '@mikro-orm/migrations';

/**
 * How names begin is known ten times as finely as columns are otherwise. Of names that are rarer than what is known of, PostgreSQL
 * thinks that there are some hundreds, looks for the newest among all files, and looks at all of them where there are fewer.
 */
export class Migration0010NameStatistics extends Migration {
  override up(): void {
    this.addSql('alter table file alter column name set statistics 1000');
    this.addSql('analyze file (name)');
  }
}
