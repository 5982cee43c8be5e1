import { Migration } from '@mikro-orm/migrations';
import { subjectTablesSql } from '@tessera/service/personal-data';

/** How far erasures are, and whose data is on legal hold. */
export class Migration0011Subjects extends Migration {
  override up(): void {
    for (const statement of subjectTablesSql) this.addSql(statement);
  }
}
