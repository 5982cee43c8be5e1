import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isService } from '@tessera/service/tenancy';

const tableSql = [
  // What an operation needs is the same with each use, so it is kept once.
  `create table used_operation (
    key text primary key,
    operation_id text not null,
    operation_name text not null,
    coordinates text[] not null,
    described_at timestamptz not null
  )`,
  `create index used_operation_coordinates on used_operation using gin (coordinates)`,
  // No foreign key: a use may be reported before its operation is described.
  `create table field_use_day (
    day date not null,
    client_name text not null,
    client_version text not null,
    operation_key text not null,
    uses bigint not null,
    last_used_at timestamptz not null,
    primary key (day, client_name, client_version, operation_key)
  )`,
  `create index field_use_operation on field_use_day (operation_key, day)`,
];

/** None of it belongs to a tenant: it is the platform's, and services look at it for who runs the platform. */
const policies = ['used_operation', 'field_use_day'].flatMap((table) => [
  ...enableRowSecurity(table),
  createPolicy({ table, using: isService }),
]);

export class Migration0003FieldUsage extends Migration {
  override up(): void {
    for (const statement of [...tableSql, ...policies]) this.addSql(statement);
  }
}
