import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isService } from '@tessera/service/tenancy';

const tableSql = [
  // Versions of an app share most of their documents, so each text is kept once.
  `create table operation_document (
    hash text primary key,
    body text not null
  )`,
  `create table operation_manifest (
    id uuid primary key,
    client_name text not null,
    client_version text not null,
    revision integer not null,
    state text not null check (state in ('ACTIVE', 'REPLACED', 'WITHDRAWN')),
    format text not null,
    sha256 text not null,
    operation_count integer not null,
    published_by uuid not null,
    published_at timestamptz not null,
    ended_at timestamptz,
    check ((state = 'ACTIVE') = (ended_at is null)),
    constraint operation_manifest_revision unique (client_name, client_version, revision)
  )`,
  `create unique index operation_manifest_active on operation_manifest (client_name, client_version)
   where state = 'ACTIVE'`,
  `create table manifest_operation (
    manifest_id uuid not null references operation_manifest (id),
    operation_id text not null,
    name text,
    hash text not null references operation_document (hash),
    primary key (manifest_id, operation_id)
  )`,
  `create table operation_use_day (
    day date not null,
    client_name text not null,
    client_version text not null,
    operation_id text not null,
    is_listed boolean not null,
    operation_name text not null,
    uses bigint not null,
    last_used_at timestamptz not null,
    primary key (day, client_name, client_version, operation_id, is_listed)
  )`,
  `create index operation_use_client on operation_use_day (client_name, day)`,
];

/** None of it belongs to a tenant: it is the platform's, and services look at it for who runs the platform. */
const policies = ['operation_document', 'operation_manifest', 'manifest_operation', 'operation_use_day'].flatMap(
  (table) => [...enableRowSecurity(table), createPolicy({ table, using: isService })],
);

export class Migration0002Operations extends Migration {
  override up(): void {
    for (const statement of [...tableSql, ...policies]) this.addSql(statement);
  }
}
