import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isOwnUser, isService } from '@tessera/service/tenancy';

const serviceOnly = (table: string): string[] => [
  ...enableRowSecurity(table),
  createPolicy({ table, using: isService }),
];

/** Codes of authenticator apps, recovery codes, sign-ins that wait for one, and when a session's person last proved themselves. */
export class Migration0008SecondFactors extends Migration {
  override up(): void {
    const statements = [
      `alter table session
        add column authenticated_at timestamptz not null default now(),
        add column methods text[] not null default '{}'`,
      'update session set authenticated_at = created_at',
      `create table totp_factor (
        user_id uuid primary key references account (id) on delete cascade,
        sealed_secret text not null,
        created_at timestamptz not null default now(),
        confirmed_at timestamptz,
        last_used_step bigint not null default 0,
        failures integer not null default 0,
        failed_at timestamptz
      )`,
      `create table recovery_code (
        user_id uuid not null references account (id) on delete cascade,
        code_hash bytea not null,
        created_at timestamptz not null default now(),
        used_at timestamptz,
        primary key (user_id, code_hash)
      )`,
      `create table sign_in_challenge (
        token_hash bytea primary key,
        user_id uuid not null references account (id) on delete cascade,
        methods text[] not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        tries integer not null default 0,
        used_at timestamptz
      )`,
      'create index sign_in_challenge_expiry on sign_in_challenge (expires_at)',
      'create index sign_in_challenge_of_user on sign_in_challenge (user_id)',
      ...serviceOnly('totp_factor'),
      createPolicy({ table: 'totp_factor', name: 'own', command: 'select', using: isOwnUser() }),
      ...serviceOnly('recovery_code'),
      createPolicy({ table: 'recovery_code', name: 'own', command: 'select', using: isOwnUser() }),
      ...serviceOnly('sign_in_challenge'),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
