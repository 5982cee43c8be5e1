import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isService } from '@tessera/service/tenancy';

/** How strongly passwords are hashed, as it was measured once for a target. */
export class Migration0020PasswordStrength extends Migration {
  override up(): void {
    const statements = [
      `create table password_strength (
        only_row boolean primary key default true check (only_row),
        target_ms integer not null,
        memory_kib integer not null,
        passes integer not null,
        measured_at timestamptz not null default now()
      )`,
      ...enableRowSecurity('password_strength'),
      createPolicy({ table: 'password_strength', using: isService }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
