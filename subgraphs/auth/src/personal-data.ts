import {
  deletedWith,
  eventInventory,
  idOfNobody,
  kept,
  memberDirectoryInventory,
  ownedBy,
  subjectInventory,
  type DataInventory,
} from '@tessera/service/personal-data';

const program = {
  tenant: ownedBy('tenant_id'),
  person: kept('created_by', idOfNobody),
};

/** What auth knows about tenants and people, and what becomes of it. */
export const authData: DataInventory = {
  ...eventInventory,
  ...subjectInventory,
  ...memberDirectoryInventory,
  former_role: {
    columns: { plain: 'session_id tenant_id role role_known_at left_at', personal: 'user_id' },
    tenant: deletedWith('tenant_id'),
    person: deletedWith('user_id'),
  },
  refresh_token: {
    columns: { plain: 'session_id created_at expires_at spent_at', personal: 'user_id', secret: 'token_hash' },
    person: deletedWith('user_id'),
  },
  session: {
    columns: {
      plain:
        'id tenant_id role role_known_at permissions rights_version rights_changed_at created_at last_used_at expires_at revoked_at authenticated_at methods idle_seconds ends_at impersonator_session_id sign_in_way showed_mfa longest_gap_seconds',
      personal: 'user_id user_agent ip_address country city impersonator_id impersonation_reason',
      secret: 'device_key',
    },
    // The session is a person's, and goes on without the tenant.
    tenant: {
      key: 'tenant_id',
      onErasure: { anonymise: 'tenant_id role role_known_at permissions' },
      isExported: false,
    },
    person: ownedBy('user_id'),
  },
  password: {
    columns: { plain: 'changed_at', personal: 'account_id', secret: 'hash' },
    person: ownedBy('account_id'),
  },
  email_change: {
    columns: { plain: 'id expires_at old_confirmed_at new_confirmed_at', personal: 'user_id new_email' },
    person: ownedBy('user_id'),
  },
  external_identity: {
    columns: { plain: 'id provider_id issuer created_at last_used_at', personal: 'user_id subject email' },
    person: ownedBy('user_id'),
  },
  oidc_flow: {
    columns: {
      plain: 'provider_id redirect_uri created_at expires_at used_at',
      personal: 'user_id',
      secret: 'flow_hash sealed_secrets',
    },
    person: deletedWith('user_id'),
  },
  passkey: {
    columns: {
      plain: 'id counter transports is_backed_up created_at last_used_at',
      personal: 'user_id name',
      secret: 'credential_id public_key',
    },
    person: ownedBy('user_id'),
  },
  passkey_ceremony: {
    columns: { plain: 'created_at expires_at used_at', personal: 'user_id', secret: 'ceremony_hash challenge' },
    person: deletedWith('user_id'),
  },
  recovery_code: {
    columns: { plain: 'created_at used_at', personal: 'user_id', secret: 'code_hash' },
    person: deletedWith('user_id'),
  },
  sign_in_challenge: {
    columns: {
      plain: 'methods created_at expires_at tries used_at provider_id',
      personal: 'user_id',
      secret: 'token_hash',
    },
    person: deletedWith('user_id'),
  },
  totp_factor: {
    columns: {
      plain: 'created_at confirmed_at last_used_step failures failed_at',
      personal: 'user_id',
      secret: 'sealed_secret',
    },
    person: ownedBy('user_id'),
  },
  account: {
    columns: {
      plain: 'created_at email_verified_at first_signed_in_at deactivated_at sign_in_count last_signed_in_at',
      personal: 'id email locale',
    },
    person: ownedBy('id'),
  },
  email_sign_in: {
    columns: { plain: 'is_mailed created_at expires_at tries used_at', personal: 'email', secret: 'challenge_hash' },
    unreachable: 'addresses with and without an account; forgotten a day after they expire',
  },
  sign_in_failure: { columns: { plain: 'free failures last_at blocked_until', secret: 'counter' } },
  password_strength: { columns: { plain: 'only_row target_ms memory_kib passes measured_at' } },
  api_key: {
    columns: {
      plain:
        'id tenant_id prefix scopes created_at expires_at last_used_at revoked_at rights_version rights_changed_at',
      personal: 'name created_by',
      secret: 'token_hash',
    },
    ...program,
  },
  machine_client: {
    columns: {
      plain:
        'id tenant_id scopes created_at last_used_at revoked_at rights_version rights_changed_at former_secret_until',
      personal: 'name created_by',
      secret: 'secret_hash former_secret_hash',
    },
    ...program,
  },
  activation_key: {
    columns: { plain: 'id batch_id redeemed_at tenant_id', personal: 'redeemed_by', secret: 'code_hash' },
    tenant: kept('tenant_id', 'the platform’s books: a key that was used stays used'),
    person: kept('redeemed_by', 'the platform’s books; the id leads to nobody once account and profile are erased'),
  },
  activation_batch: {
    columns: { plain: 'id name plan term_days key_count valid_until created_at revoked_at', personal: 'created_by' },
    person: kept('created_by', 'the platform’s books: who issued keys'),
  },
  audit_entry: {
    columns: {
      plain: 'id tenant_id occurred_at action outcome actor_kind session_id target_type target_id request_id',
      personal: 'actor_id impersonator_id subject_id client_address client_country client_city user_agent details',
    },
    tenant: {
      key: 'tenant_id',
      onErasure: { keep: 'evidence: the log can be added to and read, and nothing else' },
      isExported: true,
    },
    person: {
      key: 'actor_id',
      onErasure: { keep: 'evidence: the log can be added to and read, and nothing else' },
      isExported: true,
    },
  },
  member_rights: {
    columns: { plain: 'tenant_id version permissions is_grouped', personal: 'user_id' },
    tenant: deletedWith('tenant_id'),
    person: deletedWith('user_id'),
  },
  tenant_policy: { columns: { plain: 'tenant_id version policy' }, tenant: deletedWith('tenant_id') },
  tenant_status: {
    columns: { plain: 'tenant_id status changed_at' },
    tenant: kept('tenant_id', 'late events must not let anybody into a tenant that is gone; an id and a state'),
  },
  hash_key: { columns: { plain: 'only_row created_at', secret: 'sealed_key' } },
  signing_key: {
    columns: { plain: 'id algorithm public_jwk created_at signs_from retires_at', secret: 'sealed_private_jwk' },
  },
};
