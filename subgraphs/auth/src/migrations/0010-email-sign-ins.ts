import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isService } from '@tessera/service/tenancy';

/** Requests for a mailed code, of addresses with an account and without; and in which language mails are. */
export class Migration0010EmailSignIns extends Migration {
  override up(): void {
    const statements = [
      'alter table account add column locale text check (length(locale) <= 35)',
      `create table email_sign_in (
        challenge_hash bytea primary key,
        email text not null,
        is_mailed boolean not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz not null,
        tries integer not null default 0,
        used_at timestamptz
      )`,
      'create index email_sign_in_of_address on email_sign_in (email, created_at)',
      'create index email_sign_in_expiry on email_sign_in (expires_at)',
      ...enableRowSecurity('email_sign_in'),
      createPolicy({ table: 'email_sign_in', using: isService }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
