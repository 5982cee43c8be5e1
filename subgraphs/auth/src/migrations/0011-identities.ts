import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isOwnUser, isService } from '@tessera/service/tenancy';

const serviceOnly = (table: string): string[] => [
  ...enableRowSecurity(table),
  createPolicy({ table, using: isService }),
];

/** Who people are to identity providers, and ways there and back that are under way. */
export class Migration0011Identities extends Migration {
  override up(): void {
    const statements = [
      `create table external_identity (
        id uuid primary key,
        user_id uuid not null references account (id) on delete cascade,
        provider_id text not null,
        issuer text not null,
        subject text not null,
        email text,
        created_at timestamptz not null default now(),
        last_used_at timestamptz,
        unique (issuer, subject)
      )`,
      'create index external_identity_of_user on external_identity (user_id, id)',
      `create table oidc_flow (
        flow_hash bytea primary key,
        provider_id text not null,
        redirect_uri text not null,
        sealed_secrets text not null,
        user_id uuid references account (id) on delete cascade,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        used_at timestamptz
      )`,
      'create index oidc_flow_expiry on oidc_flow (expires_at)',
      'create index oidc_flow_of_user on oidc_flow (user_id) where user_id is not null',
      ...serviceOnly('external_identity'),
      createPolicy({ table: 'external_identity', name: 'own', command: 'select', using: isOwnUser() }),
      ...serviceOnly('oidc_flow'),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
