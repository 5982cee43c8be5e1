import { Migration } from '@mikro-orm/migrations';

/** How often each person called on each day; of days before this, nobody counted. */
export class Migration0010MemberCalls extends Migration {
  override up(): void {
    this.addSql('alter table member_day add column api_calls bigint not null default 0 check (api_calls >= 0)');
  }
}
