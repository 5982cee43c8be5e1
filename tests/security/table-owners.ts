import type { SubgraphName } from '@tessera/service/subgraph';

/**
 * To whom the rows of a table belong: one tenant, one person, one or the other, everybody who is signed in, or the service
 * alone. What belongs to a tenant or a person stands behind row-level security.
 */
export type RowOwner = 'tenant' | 'person' | 'tenant or person' | 'service';

/** Queues of the service itself: their rows name a tenant only so that a consumer can act inside it. */
const eventTables = {
  outbox: 'service',
  consumed_event: 'service',
  recent_write: 'service',
  erased_rows: 'service',
  held_subject: 'service',
} as const;

/** Every table of every subgraph. A table that is missing here fails the catalogue's test: decide, and add it. */
export const tableOwners: Readonly<Record<SubgraphName, Readonly<Record<string, RowOwner>>>> = {
  auth: {
    ...eventTables,
    account: 'person',
    api_key: 'tenant',
    audit_entry: 'tenant or person',
    activation_batch: 'service',
    activation_key: 'service',
    machine_client: 'tenant',
    sign_in_failure: 'service',
    password_strength: 'service',
    password: 'person',
    session: 'person',
    refresh_token: 'person',
    email_change: 'person',
    email_sign_in: 'service',
    external_identity: 'person',
    oidc_flow: 'person',
    passkey: 'person',
    passkey_ceremony: 'person',
    recovery_code: 'person',
    sign_in_challenge: 'person',
    totp_factor: 'person',
    former_role: 'tenant or person',
    signing_key: 'service',
    tenant_status: 'service',
    tenant_policy: 'service',
    member_rights: 'service',
    tenant_member: 'tenant or person',
  },
  tenant: {
    ...eventTables,
    tenant: 'tenant',
    membership: 'tenant or person',
    invitation: 'tenant',
    role: 'tenant',
    tenant_slug: 'tenant or person',
    tenant_setting: 'tenant',
    email_domain: 'tenant',
    security_policy: 'tenant',
    member_group: 'tenant or person',
    group_member: 'tenant or person',
    payment: 'tenant',
    billing_delivery: 'tenant',
    setting_definition: 'service',
    legal_hold: 'service',
    erasure: 'person',
    erasure_report: 'service',
  },
  user: {
    ...eventTables,
    notification: 'person',
    picture: 'tenant',
    user_profile: 'person',
    tenant_member: 'tenant or person',
  },
  storage: {
    ...eventTables,
    file: 'tenant',
    storage_usage: 'tenant',
    quota_warning: 'tenant',
    data_export: 'tenant or person',
  },
  analytics: {
    ...eventTables,
    event: 'tenant',
    event_second: 'tenant',
    usage_day: 'tenant',
    active_user: 'tenant',
    member_day: 'tenant',
    usage_sample: 'tenant',
    tenant_limits: 'tenant',
    quota_warning: 'tenant',
    alert_rule: 'tenant',
    alert: 'tenant',
    alert_change: 'tenant',
    alert_sequence: 'tenant',
    alert_evaluator: 'service',
    operation_document: 'service',
    operation_manifest: 'service',
    manifest_operation: 'service',
    operation_use_day: 'service',
    used_operation: 'service',
    field_use_day: 'service',
  },
};
