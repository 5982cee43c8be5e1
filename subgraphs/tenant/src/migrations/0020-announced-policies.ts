import { Migration } from '@mikro-orm/migrations';

/**
 * Announces again what tenants ask of those who act in them, for services that did not listen when it was announced. Whoever owns
 * the table sees its rows only while row-level security is not forced upon them too.
 */
export const announcePoliciesSql: readonly string[] = [
  'alter table security_policy no force row level security',
  `insert into outbox (id, type, event)
  select id, type, jsonb_build_object('id', id, 'type', type, 'tenantId', tenant_id,
    'occurredAt', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'payload', jsonb_build_object('version', version, 'isMfaRequired', is_mfa_required,
      'maxSessionMinutes', max_session_minutes, 'maxIdleMinutes', max_idle_minutes,
      'signInWays', to_jsonb(sign_in_ways), 'networks', to_jsonb(networks)))
  from (select gen_random_uuid() as id, 'tenant.securityPolicyChanged' as type, * from security_policy) as announced`,
  'alter table security_policy force row level security',
];

/** Storage holds files to the networks of policies, also of those that were made before it did. */
export class Migration0020AnnouncedPolicies extends Migration {
  override up(): void {
    for (const statement of announcePoliciesSql) this.addSql(statement);
  }
}
