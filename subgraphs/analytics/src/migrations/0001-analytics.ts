import { Migration } from '@mikro-orm/migrations';
import { eventTablesSql } from '@tessera/service/events';
import { createPolicy, enableRowSecurity, isService, tenantOwned } from '@tessera/service/tenancy';

const eventSql = [
  `create table event (
    tenant_id uuid not null,
    id uuid not null,
    message_id text not null,
    name text not null,
    properties jsonb not null,
    user_id uuid,
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    primary key (tenant_id, id),
    constraint event_message unique (tenant_id, message_id)
  )`,
  `create index event_occurred on event (tenant_id, occurred_at)`,
  `create index event_name_occurred on event (tenant_id, name, occurred_at)`,
  `create index event_received on event (tenant_id, received_at)`,
];

/** Counters are spread over slots, so that calls of one tenant at the same time do not wait for each other's row. */
const usageSql = [
  `create table event_second (
    tenant_id uuid not null,
    second timestamptz not null,
    name text not null,
    slot smallint not null,
    events bigint not null,
    primary key (tenant_id, second, name, slot)
  )`,
  // Pruning goes by age over all tenants, here and below.
  `create index event_second_age on event_second (second)`,
  `create table usage_day (
    tenant_id uuid not null,
    day date not null,
    slot smallint not null,
    api_calls bigint not null default 0,
    api_errors bigint not null default 0,
    events bigint not null default 0,
    primary key (tenant_id, day, slot)
  )`,
  `create table active_user (
    tenant_id uuid not null,
    month date not null,
    user_id uuid not null,
    primary key (tenant_id, month, user_id)
  )`,
  `create table usage_sample (
    tenant_id uuid not null,
    id uuid not null,
    reported_at timestamptz not null,
    report jsonb not null,
    primary key (tenant_id, id)
  )`,
  `create index usage_sample_reported on usage_sample (tenant_id, reported_at)`,
  `create index usage_sample_age on usage_sample (reported_at)`,
];

const alertSql = [
  `create table alert_rule (
    id uuid primary key,
    tenant_id uuid not null,
    name text not null,
    measure text not null,
    event_name text,
    operator text not null check (operator in ('GREATER_THAN', 'LESS_THAN')),
    threshold double precision not null,
    window_seconds integer not null check (window_seconds between 1 and 3600),
    for_seconds integer not null check (for_seconds >= 0),
    enabled boolean not null,
    revision integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz
  )`,
  `create index alert_rule_page on alert_rule (tenant_id, id) where deleted_at is null`,
  `create table alert (
    id uuid primary key,
    tenant_id uuid not null,
    rule_id uuid not null references alert_rule (id),
    status text not null check (status in ('PENDING', 'FIRING', 'RESOLVED')),
    value double precision not null,
    threshold double precision not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    check ((status = 'RESOLVED') = (ended_at is not null))
  )`,
  `create index alert_page on alert (tenant_id, id)`,
  // A rule has one open alert at most, whoever evaluates it.
  `create unique index alert_open on alert (tenant_id, rule_id) where status <> 'RESOLVED'`,
  `create table alert_change (
    tenant_id uuid not null,
    sequence bigint not null,
    alert_id uuid not null references alert (id),
    rule_id uuid not null,
    status text not null,
    value double precision not null,
    threshold double precision not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    changed_at timestamptz not null,
    primary key (tenant_id, sequence)
  )`,
  `create table alert_sequence (
    tenant_id uuid primary key,
    last bigint not null
  )`,
  `create table alert_evaluator (
    id smallint primary key check (id = 1),
    holder uuid,
    seen_at timestamptz not null
  )`,
  `insert into alert_evaluator (id, holder, seen_at) values (1, null, '-infinity')`,
];

/** What one instance reads for all tenants at once, acting as the service: whatever it writes, it writes inside a tenant. */
const readAcrossTenants = ['event_second', 'usage_sample', 'alert_rule', 'alert', 'alert_sequence'];

const policies = [
  ...['event', 'event_second', 'usage_day', 'active_user', 'usage_sample'].flatMap(tenantOwned),
  ...['alert_rule', 'alert', 'alert_change', 'alert_sequence'].flatMap(tenantOwned),
  ...readAcrossTenants.map((table) =>
    createPolicy({ table, name: 'read_by_service', command: 'select', using: isService }),
  ),
  ...['event_second', 'usage_sample'].map((table) =>
    createPolicy({ table, name: 'prune_by_service', command: 'delete', using: isService }),
  ),
  ...enableRowSecurity('alert_evaluator'),
  createPolicy({ table: 'alert_evaluator', using: isService }),
];

export class Migration0001Analytics extends Migration {
  override up(): void {
    for (const statement of [...eventSql, ...usageSql, ...alertSql, ...policies, ...eventTablesSql]) {
      this.addSql(statement);
    }
  }
}
