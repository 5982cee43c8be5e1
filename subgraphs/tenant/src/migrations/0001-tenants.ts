import { Migration } from '@mikro-orm/migrations';
import { eventTablesSql } from '@tessera/service/events';
import { createPolicy, enableRowSecurity, isOwnTenant, isOwnUser, isService } from '@tessera/service/tenancy';

const tables = [
  `create table tenant (
    id uuid primary key,
    slug text not null unique check (slug ~ '^[a-z0-9](-?[a-z0-9])*$' and length(slug) between 2 and 63),
    name text not null check (length(name) between 1 and 200),
    status text not null check (status in ('ACTIVE', 'SUSPENDED', 'DELETING')),
    plan text not null,
    settings jsonb not null,
    enabled_services text[] not null,
    created_at timestamptz not null
  )`,
  `create table membership (
    id uuid primary key,
    tenant_id uuid not null references tenant (id) on delete cascade,
    user_id uuid not null,
    role text not null,
    joined_at timestamptz not null,
    unique (tenant_id, user_id)
  )`,
  `create index membership_user on membership (user_id)`,
  `create index membership_page on membership (tenant_id, id)`,
  `create table invitation (
    id uuid primary key,
    tenant_id uuid not null references tenant (id) on delete cascade,
    email text not null,
    role text not null,
    invited_by uuid not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz not null
  )`,
  `create index invitation_page on invitation (tenant_id, id)`,
];

/** A person sees the tenants they are a member of; everything else of a tenant only while it is the active one. */
const policies = [
  ...enableRowSecurity('tenant'),
  createPolicy({
    table: 'tenant',
    using: `${isOwnTenant('id')} or exists
      (select 1 from membership where membership.tenant_id = tenant.id and ${isOwnUser('membership.user_id')})`,
    check: isOwnTenant('id'),
  }),
  ...enableRowSecurity('membership'),
  createPolicy({ table: 'membership', using: `${isOwnTenant()} or ${isOwnUser()}`, check: isOwnTenant() }),
  ...enableRowSecurity('invitation'),
  createPolicy({ table: 'invitation', using: isOwnTenant() }),
  // Whoever accepts an invitation is not in the tenant yet: the token names the row, and the service reads it.
  createPolicy({ table: 'invitation', name: 'accept', command: 'select', using: isService }),
];

export class Migration0001Tenants extends Migration {
  override up(): void {
    for (const statement of [...tables, ...policies, ...eventTablesSql]) this.addSql(statement);
  }
}
