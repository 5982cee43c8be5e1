import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isService, tenantOwned } from '@tessera/service/tenancy';

/** Settings of tenants, each a document of its own that a JSON Schema describes. */
export class Migration0007SettingDocuments extends Migration {
  override up(): void {
    const statements = [
      `create table setting_definition (
        key text primary key,
        description text not null,
        schema jsonb not null,
        default_value jsonb not null,
        version integer not null,
        updated_at timestamptz not null
      )`,
      ...enableRowSecurity('setting_definition'),
      createPolicy({ table: 'setting_definition', using: isService }),
      `create table tenant_setting (
        tenant_id uuid not null references tenant (id) on delete cascade,
        key text not null,
        value jsonb,
        version integer not null,
        updated_at timestamptz not null,
        updated_by uuid not null,
        primary key (tenant_id, key)
      )`,
      ...tenantOwned('tenant_setting'),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
