import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isService } from '@tessera/service/tenancy';

/** Tenants that are not, or were once not, in use: who switches into one is stopped here, whatever else is in flight. */
export class Migration0005TenantStatus extends Migration {
  override up(): void {
    const statements = [
      `create table tenant_status (
        tenant_id uuid primary key,
        status text not null,
        changed_at timestamptz not null
      )`,
      ...enableRowSecurity('tenant_status'),
      createPolicy({ table: 'tenant_status', using: isService }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
