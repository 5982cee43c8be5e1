import { Migration } from '@mikro-orm/migrations';
import { eventTablesSql } from '@tessera/service/events';
import {
  createPolicy,
  enableRowSecurity,
  isOwnTenant,
  isOwnUser,
  isService,
  memberDirectorySql,
} from '@tessera/service/tenancy';

const tables = [
  `create table account (
    id uuid primary key,
    email text not null unique check (email = lower(email) and length(email) between 3 and 320),
    created_at timestamptz not null
  )`,
  `create table password (
    account_id uuid primary key references account (id) on delete cascade,
    hash text not null,
    changed_at timestamptz not null
  )`,
  // A session is a family of refresh tokens. "role" is that in the active tenant, as it was known at role_known_at.
  `create table session (
    id uuid primary key,
    user_id uuid not null references account (id) on delete cascade,
    tenant_id uuid,
    role text,
    role_known_at timestamptz,
    user_agent text,
    ip_address text,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    check ((tenant_id is null) = (role is null) and (tenant_id is null) = (role_known_at is null))
  )`,
  `create index session_of_user on session (user_id)`,
  `create index session_expiry on session (expires_at)`,
  `create table refresh_token (
    token_hash bytea primary key,
    session_id uuid not null references session (id) on delete cascade,
    user_id uuid not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    spent_at timestamptz
  )`,
  `create index refresh_token_session on refresh_token (session_id)`,
  `create index refresh_token_expiry on refresh_token (expires_at)`,
  // Roles that a session left behind while access tokens with them may still be about.
  `create table former_role (
    session_id uuid not null references session (id) on delete cascade,
    user_id uuid not null,
    tenant_id uuid not null,
    role text not null,
    role_known_at timestamptz not null,
    left_at timestamptz not null default now(),
    primary key (session_id, tenant_id, role)
  )`,
  `create table signing_key (
    id uuid primary key,
    algorithm text not null,
    public_jwk jsonb not null,
    sealed_private_jwk text not null,
    created_at timestamptz not null,
    signs_from timestamptz not null,
    retires_at timestamptz
  )`,
];

const ownAndService = (table: string): string[] => [
  ...enableRowSecurity(table),
  createPolicy({ table, using: `${isOwnUser()} or ${isService}` }),
];

const serviceOnly = (table: string): string[] => [
  ...enableRowSecurity(table),
  createPolicy({ table, using: isService }),
];

/** Rows belong to a person; who signs in is nobody yet, so that is the service's own doing. */
const policies = [
  ...serviceOnly('account'),
  createPolicy({ table: 'account', name: 'own', command: 'select', using: isOwnUser('id') }),
  createPolicy({
    table: 'account',
    name: 'fellow_member',
    command: 'select',
    using: `exists (select 1 from tenant_member
      where tenant_member.user_id = account.id and ${isOwnTenant('tenant_member.tenant_id')} and is_active)`,
  }),
  ...serviceOnly('password'),
  ...serviceOnly('signing_key'),
  ...ownAndService('session'),
  ...ownAndService('refresh_token'),
  ...ownAndService('former_role'),
];

export class Migration0001Accounts extends Migration {
  override up(): void {
    for (const statement of [...tables, ...memberDirectorySql, ...policies, ...eventTablesSql]) {
      this.addSql(statement);
    }
  }
}
