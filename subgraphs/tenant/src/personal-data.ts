import {
  deletedWith,
  eventInventory,
  idOfNobody,
  kept,
  ownedBy,
  subjectInventory,
  type DataInventory,
} from '@tessera/service/personal-data';

/** What tenant knows about tenants and people, and what becomes of it. */
export const tenantData: DataInventory = {
  ...eventInventory,
  ...subjectInventory,
  // Goes with memberships and groups, and is counted only before them.
  group_member: {
    columns: { plain: 'id tenant_id group_id added_at', personal: 'user_id' },
    tenant: ownedBy('tenant_id'),
    person: ownedBy('user_id'),
  },
  membership: {
    columns: { plain: 'id tenant_id role joined_at deactivated_at', personal: 'user_id' },
    tenant: ownedBy('tenant_id'),
    person: ownedBy('user_id'),
  },
  invitation: {
    columns: {
      plain: 'id tenant_id role expires_at accepted_at revoked_at created_at open_to_anyone sent_count last_sent_at',
      personal: 'email invited_by invitee_id',
    },
    tenant: ownedBy('tenant_id'),
    person: kept('invited_by', idOfNobody),
    // With the address. What was never accepted names no account.
    mentions: deletedWith('invitee_id'),
  },
  billing_delivery: {
    columns: { plain: 'id tenant_id type body status attempts last_status last_error created_at delivered_at' },
    tenant: deletedWith('tenant_id'),
  },
  payment: {
    columns: {
      plain: 'id tenant_id plan amount currency status provider idempotency_key created_at settled_at',
      personal: 'requested_by',
    },
    tenant: ownedBy('tenant_id'),
    person: kept('requested_by', idOfNobody),
  },
  role: {
    columns: { plain: 'id tenant_id name description permissions created_at' },
    tenant: ownedBy('tenant_id'),
  },
  tenant_setting: {
    columns: { plain: 'tenant_id key value version updated_at', personal: 'updated_by' },
    tenant: ownedBy('tenant_id'),
    person: kept('updated_by', idOfNobody),
  },
  email_domain: {
    columns: {
      plain: 'id tenant_id domain token verified_at checked_at failed_checks auto_join_role created_at',
    },
    tenant: ownedBy('tenant_id'),
  },
  member_group: {
    columns: { plain: 'id tenant_id name description role created_at' },
    tenant: ownedBy('tenant_id'),
  },
  security_policy: {
    columns: {
      plain: 'tenant_id version is_mfa_required max_session_minutes max_idle_minutes sign_in_ways networks changed_at',
      personal: 'changed_by',
    },
    tenant: ownedBy('tenant_id'),
    person: kept('changed_by', idOfNobody),
  },
  tenant_slug: { columns: { plain: 'slug tenant_id released_at' }, tenant: ownedBy('tenant_id') },
  tenant: {
    columns: {
      plain:
        'id slug name status plan settings enabled_services disabled_services created_at plan_ends_at plan_after limits_version announced_limits rights_version',
    },
    tenant: ownedBy('id'),
  },
  legal_hold: {
    columns: { plain: 'id kind reason set_at cleared_at', personal: 'subject_id set_by cleared_by' },
    tenant: kept('subject_id', 'evidence of what the platform had to keep, and when'),
    person: kept('subject_id', 'evidence of what the platform had to keep, and when'),
  },
  erasure_report: { columns: { plain: 'erasure_id subgraph counts reported_at' } },
  erasure: {
    columns: {
      plain: 'id kind requested_at due_at cancelled_at started_at subgraphs completed_at',
      personal: 'subject_id requested_by',
    },
    tenant: kept('subject_id', 'the certificate of erasure: ids, times and counts'),
    person: kept('subject_id', 'the certificate of erasure: ids, times and counts'),
  },
  setting_definition: { columns: { plain: 'key description schema default_value version updated_at' } },
};
