import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isService } from '@tessera/service/tenancy';

/** The key of hashes that outlive the secret that seals it. */
export class Migration0030HashKey extends Migration {
  override up(): void {
    const statements = [
      `create table hash_key (
        only_row boolean primary key default true check (only_row),
        sealed_key text not null,
        created_at timestamptz not null default now()
      )`,
      ...enableRowSecurity('hash_key'),
      createPolicy({ table: 'hash_key', using: isService }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
