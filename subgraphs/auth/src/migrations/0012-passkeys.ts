import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isOwnUser, isService } from '@tessera/service/tenancy';

const serviceOnly = (table: string): string[] => [
  ...enableRowSecurity(table),
  createPolicy({ table, using: isService }),
];

/** Public halves of passkeys, and questions to authenticators that wait for their answers. */
export class Migration0012Passkeys extends Migration {
  override up(): void {
    const statements = [
      `create table passkey (
        id uuid primary key,
        user_id uuid not null references account (id) on delete cascade,
        name text not null,
        credential_id text not null unique,
        public_key bytea not null,
        counter bigint not null,
        transports text[] not null,
        is_backed_up boolean not null,
        created_at timestamptz not null default now(),
        last_used_at timestamptz
      )`,
      'create index passkey_of_user on passkey (user_id, id)',
      `create table passkey_ceremony (
        ceremony_hash bytea primary key,
        challenge text not null,
        user_id uuid references account (id) on delete cascade,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        used_at timestamptz
      )`,
      'create index passkey_ceremony_expiry on passkey_ceremony (expires_at)',
      'create index passkey_ceremony_of_user on passkey_ceremony (user_id) where user_id is not null',
      ...serviceOnly('passkey'),
      createPolicy({ table: 'passkey', name: 'own', command: 'select', using: isOwnUser() }),
      ...serviceOnly('passkey_ceremony'),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
