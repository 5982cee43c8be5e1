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
  `create table user_profile (
    user_id uuid primary key,
    display_name text not null check (length(display_name) between 1 and 200),
    avatar_file_id uuid,
    locale text,
    time_zone text,
    preferences jsonb not null default '{}',
    created_at timestamptz not null,
    updated_at timestamptz not null
  )`,
];

/**
 * A person sees themselves and whoever is, or ever was, in the active tenant: what a former member left behind still
 * shows their name. They change nobody but themselves.
 */
const policies = [
  ...enableRowSecurity('user_profile'),
  createPolicy({
    table: 'user_profile',
    using: `${isOwnUser()} or ${isService} or exists
      (select 1 from tenant_member
       where tenant_member.user_id = user_profile.user_id and ${isOwnTenant('tenant_member.tenant_id')})`,
    check: `${isOwnUser()} or ${isService}`,
  }),
];

export class Migration0001Profiles extends Migration {
  override up(): void {
    for (const statement of [...tables, ...memberDirectorySql, ...policies, ...eventTablesSql]) this.addSql(statement);
  }
}
