import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isService, tenantOwned } from '@tessera/service/tenancy';

/** What tenants paid, or began to pay, for plans. */
export class Migration0010Payments extends Migration {
  override up(): void {
    const statements = [
      `create table payment (
        id uuid primary key,
        tenant_id uuid not null references tenant (id) on delete cascade,
        plan text not null,
        amount integer not null check (amount > 0),
        currency text not null,
        status text not null check (status in ('PENDING', 'SUCCEEDED', 'FAILED')),
        provider text not null,
        idempotency_key text,
        requested_by uuid not null,
        created_at timestamptz not null,
        settled_at timestamptz,
        unique (tenant_id, idempotency_key),
        check ((status = 'PENDING') = (settled_at is null))
      )`,
      'create index payment_page on payment (tenant_id, id)',
      ...tenantOwned('payment'),
      // What a provider says names a payment, not its tenant.
      createPolicy({ table: 'payment', name: 'settle', command: 'select', using: isService }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
