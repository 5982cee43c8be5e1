import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isOwnTenant, isOwnUser, isService } from '@tessera/service/tenancy';

/** Every slug that a tenant has or had: who had it last keeps it for a term, so that links of before still lead somewhere. */
export class Migration0005SlugHistory extends Migration {
  override up(): void {
    const statements = [
      // Whoever founds or renames claims the slug first, and would wait for each other if they did not: so the tenant may come later.
      `create table tenant_slug (
        slug text primary key,
        tenant_id uuid not null references tenant (id) on delete cascade deferrable initially deferred,
        released_at timestamptz
      )`,
      `create index tenant_slug_tenant on tenant_slug (tenant_id)`,
      `insert into tenant_slug (slug, tenant_id) select slug, id from tenant`,
      ...enableRowSecurity('tenant_slug'),
      // The service looks whose a slug is before it gives it to another tenant.
      createPolicy({ table: 'tenant_slug', using: `${isOwnTenant()} or ${isService}`, check: isOwnTenant() }),
      createPolicy({
        table: 'tenant_slug',
        name: 'member',
        command: 'select',
        using: `exists (select 1 from membership
          where membership.tenant_id = tenant_slug.tenant_id and ${isOwnUser('membership.user_id')})`,
      }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
