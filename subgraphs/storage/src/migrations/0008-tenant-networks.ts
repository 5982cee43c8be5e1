import { Migration } from '@mikro-orm/migrations';
import { tenantOwned } from '@tessera/service/tenancy';

/** From where tenants let what is theirs be fetched, of their security policies. */
export class Migration0008TenantNetworks extends Migration {
  override up(): void {
    const statements = [
      `create table tenant_networks (
        tenant_id uuid primary key,
        version integer not null,
        networks text[] not null
      )`,
      ...tenantOwned('tenant_networks'),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
