import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isService } from '@tessera/service/tenancy';

/** What tenants ask of sessions that act in them, and what sessions have to show for it. */
export class Migration0025SecurityPolicies extends Migration {
  override up(): void {
    const statements = [
      `create table tenant_policy (
        tenant_id uuid primary key,
        version integer not null,
        policy jsonb not null
      )`,
      ...enableRowSecurity('tenant_policy'),
      createPolicy({ table: 'tenant_policy', using: isService }),
      'alter table sign_in_challenge add column provider_id text',
      `alter table session
        add column sign_in_way text,
        add column showed_mfa boolean not null default false,
        add column longest_gap_seconds integer not null default 0`,
      // Of those that came by an identity provider it is not known which.
      `update session set showed_mfa = 'mfa' = any(methods),
         sign_in_way = case methods[1] when 'pwd' then 'password' when 'email' then 'email' when 'hwk' then 'passkey' end`,
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
