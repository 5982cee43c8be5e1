import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isService, tenantOwned } from '@tessera/service/tenancy';

/** What was, or is to be, said to the platform's billing. */
export class Migration0013BillingDeliveries extends Migration {
  override up(): void {
    const statements = [
      `create table billing_delivery (
        id uuid primary key,
        tenant_id uuid not null references tenant (id) on delete cascade,
        type text not null,
        body text not null,
        status text not null check (status in ('PENDING', 'DELIVERED', 'FAILED')),
        attempts integer not null default 0,
        last_status integer,
        last_error text,
        created_at timestamptz not null,
        delivered_at timestamptz,
        check ((status = 'DELIVERED') = (delivered_at is not null))
      )`,
      'create index billing_delivery_tenant on billing_delivery (tenant_id)',
      ...tenantOwned('billing_delivery'),
      // Who runs the platform sees what was said of all tenants.
      createPolicy({ table: 'billing_delivery', name: 'platform', command: 'select', using: isService }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
