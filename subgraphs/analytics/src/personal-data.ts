import {
  deletedWith,
  eventInventory,
  idOfNobody,
  kept,
  ownedBy,
  subjectInventory,
  type DataInventory,
} from '@tessera/service/personal-data';

const keptOperations = 'the platform’s: which operations its clients may run';

/** What analytics knows about tenants and people, and what becomes of it. */
export const analyticsData: DataInventory = {
  ...eventInventory,
  ...subjectInventory,
  event: {
    columns: {
      plain: 'tenant_id id message_id name occurred_at received_at',
      personal: 'properties user_id',
    },
    tenant: ownedBy('tenant_id'),
    person: kept('user_id', idOfNobody),
  },
  event_second: { columns: { plain: 'tenant_id second name slot events' }, tenant: deletedWith('tenant_id') },
  usage_day: { columns: { plain: 'tenant_id day slot api_calls api_errors events' }, tenant: ownedBy('tenant_id') },
  active_user: {
    columns: { plain: 'tenant_id month', personal: 'user_id' },
    tenant: ownedBy('tenant_id'),
    person: kept('user_id', idOfNobody),
  },
  member_day: {
    columns: { plain: 'tenant_id day last_active_at api_calls', personal: 'user_id' },
    tenant: deletedWith('tenant_id'),
    person: ownedBy('user_id'),
  },
  tenant_limits: {
    columns: { plain: 'tenant_id version plan api_calls active_users events calls_exhausted_in' },
    tenant: deletedWith('tenant_id'),
  },
  quota_warning: {
    columns: { plain: 'tenant_id meter period quota percent warned_at' },
    tenant: ownedBy('tenant_id'),
  },
  usage_sample: {
    columns: { plain: 'tenant_id id reported_at', personal: 'report' },
    tenant: deletedWith('tenant_id'),
    unreachable: 'ids of who called within a second; a row goes as soon as no alert rule looks so far back',
  },
  alert_change: {
    columns: {
      plain: 'tenant_id sequence alert_id rule_id status value threshold started_at ended_at changed_at',
    },
    tenant: ownedBy('tenant_id'),
  },
  alert: {
    columns: { plain: 'id tenant_id rule_id status value threshold started_at ended_at' },
    tenant: ownedBy('tenant_id'),
  },
  alert_rule: {
    columns: {
      plain:
        'id tenant_id name measure event_name operator threshold window_seconds for_seconds enabled revision created_at updated_at deleted_at',
    },
    tenant: ownedBy('tenant_id'),
  },
  alert_sequence: { columns: { plain: 'tenant_id last' }, tenant: deletedWith('tenant_id') },
  alert_evaluator: { columns: { plain: 'id holder seen_at' } },
  operation_document: { columns: { plain: 'hash body' } },
  operation_manifest: {
    columns: {
      plain: 'id client_name client_version revision state format sha256 operation_count published_at ended_at',
      personal: 'published_by',
    },
    person: kept('published_by', keptOperations),
  },
  manifest_operation: { columns: { plain: 'manifest_id operation_id name hash' } },
  operation_use_day: {
    columns: {
      plain: 'day client_name client_version operation_id is_listed operation_name uses last_used_at',
    },
  },
  used_operation: { columns: { plain: 'key operation_id operation_name coordinates described_at' } },
  field_use_day: { columns: { plain: 'day client_name client_version operation_key uses last_used_at' } },
};
