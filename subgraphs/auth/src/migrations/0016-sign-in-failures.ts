import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isService } from '@tessera/service/tenancy';

/** Counters of failed sign-ins, by hashes of what they count. */
export class Migration0016SignInFailures extends Migration {
  override up(): void {
    const statements = [
      `create table sign_in_failure (
        counter bytea primary key,
        free integer not null,
        failures double precision not null,
        last_at timestamptz not null,
        blocked_until timestamptz
      )`,
      'create index sign_in_failure_age on sign_in_failure (last_at)',
      ...enableRowSecurity('sign_in_failure'),
      createPolicy({ table: 'sign_in_failure', using: isService }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
