import { randomUUID } from 'node:crypto';
import {
  byAdmins,
  byEverybody,
  byMembers,
  byPlatform,
  ofActiveTenant,
  ofActiveTenantByAdmins,
  ofOneself,
} from './field-case.js';
import type { FieldCase } from './field-case.js';

const role = 'id name description permissions isBuiltIn';
const invitation = 'id email role status createdAt expiresAt openToAnyone lastSentAt';
const page = 'pageInfo { hasNextPage } totalCount';

/** Somebody who is nobody's guest yet. */
const someone = (): string => `${randomUUID()}@example.com`;

const queries: Readonly<Record<string, FieldCase>> = {
  'Query.tenant': {
    kind: 'query',
    operation: `query ($id: ID!) { tenant(id: $id) {
      id slug name status plan planEndsAt features limits { seats openInvitations groups domains apiCallsPerMonth activeUsersPerMonth eventsPerMonth storageBytes } enabledServices disabledServices createdAt settings storageUsage { bytes files quotaBytes }
      usage { apiCalls apiErrors events activeUsers meters { meter used limit resetsAt } }
      usageHistory(days: 2) { day apiCalls apiErrors events }
      members(first: 5) { nodes { role status deactivatedAt user { id displayName } } edges { cursor node { role } } ${page} }
    } }`,
    variables: ({ tenantId }) => ({ id: tenantId }),
    verdicts: { ...byMembers, lockedOut: 'NOT_FOUND' },
  },
  'Tenant.invitations': {
    kind: 'query',
    operation: `{ tenant { id invitations(first: 5) { nodes { ${invitation} } edges { cursor node { id } } ${page} } } }`,
    verdicts: { ...ofActiveTenantByAdmins, lockedOut: 'null' },
  },
  'Query.tenantBySlug': {
    kind: 'query',
    operation: 'query ($slug: String!) { tenantBySlug(slug: $slug) { id slug name } }',
    // By its id, which is a slug that nobody has.
    variables: ({ tenantId }) => ({ slug: tenantId }),
    isRevealing: false,
    verdicts: { ...byMembers, admin: 'NOT_FOUND', member: 'NOT_FOUND', lockedOut: 'NOT_FOUND' },
  },
  'Query.tenants': {
    kind: 'query',
    operation: `query ($search: String!) {
      tenants(search: $search, first: 5) { nodes { id name } edges { cursor node { id } } ${page} }
    }`,
    variables: ({ tenantId }) => ({ search: tenantId }),
    isRevealing: false,
    verdicts: byPlatform,
  },
  'Query.membership': {
    kind: 'query',
    operation:
      'query ($id: ID!) { membership(tenantId: $id) { role joinedAt permissions rightsVersion tenant { id name } user { id } } }',
    variables: ({ tenantId }) => ({ id: tenantId }),
    verdicts: { ...byMembers, stranger: 'null', lockedOut: 'null' },
  },
  'Query.roles': {
    kind: 'query',
    operation: `{ roles { ${role} } }`,
    verdicts: ofActiveTenant,
  },
  'Query.permissions': {
    kind: 'query',
    operation: '{ permissions { name description } }',
    isRevealing: false,
    verdicts: byEverybody,
  },
  'Query.invitation': {
    kind: 'query',
    operation: 'query ($token: String!) { invitation(token: $token) { tenantName email role expiresAt openToAnyone } }',
    variables: () => ({ token: 'of-no-invitation' }),
    isRevealing: false,
    verdicts: {
      ...byEverybody,
      admin: 'NOT_FOUND',
      member: 'NOT_FOUND',
      stranger: 'NOT_FOUND',
      anonymous: 'NOT_FOUND',
      lockedOut: 'NOT_FOUND',
    },
  },
  'Query.settings': {
    kind: 'query',
    operation: '{ settings { key description schema value isDefault version } }',
    isRevealing: false,
    verdicts: ofActiveTenant,
  },
  'Query.setting': {
    kind: 'query',
    operation: '{ setting(key: "branding") { key value version } }',
    isRevealing: false,
    verdicts: ofActiveTenant,
  },
  'Query.plans': {
    kind: 'query',
    operation: '{ plans { id name features limits { seats } monthlyPrice { amount currency } } }',
    isRevealing: false,
    verdicts: byEverybody,
  },
  'Query.can': {
    kind: 'query',
    operation: '{ can(permissions: ["files:read"]) }',
    isRevealing: false,
    verdicts: byEverybody,
  },
};

const membership: Readonly<Record<string, FieldCase>> = {
  'Mutation.inviteMember': {
    kind: 'mutation',
    operation: `mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { ${invitation} } }`,
    fresh: async () => ({ input: { email: someone() } }),
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.acceptInvitation': {
    kind: 'mutation',
    operation: 'mutation ($token: String!) { acceptInvitation(token: $token) { role tenant { id name } } }',
    variables: () => ({ token: 'of-no-invitation' }),
    verdicts: { ...byMembers, admin: 'NOT_FOUND', member: 'NOT_FOUND', lockedOut: 'NOT_FOUND' },
  },
  'Mutation.declineInvitation': {
    kind: 'mutation',
    operation: 'mutation ($token: String!) { declineInvitation(token: $token) }',
    variables: () => ({ token: 'of-no-invitation' }),
    verdicts: { ...byMembers, admin: 'NOT_FOUND', member: 'NOT_FOUND', lockedOut: 'NOT_FOUND' },
  },
  'Mutation.resendInvitation': {
    kind: 'mutation',
    operation: `mutation ($input: ResendInvitationInput!) { resendInvitation(input: $input) { ${invitation} } }`,
    fresh: async (maker) => ({ input: { id: await maker.invitation() } }),
    // Its mail has just left; who is let through comes so far.
    verdicts: { ...byAdmins, admin: 'RATE_LIMITED' },
  },
  'Mutation.revokeInvitation': {
    kind: 'mutation',
    operation: `mutation ($id: ID!) { revokeInvitation(id: $id) { ${invitation} } }`,
    fresh: async (maker) => ({ id: await maker.invitation() }),
    verdicts: byAdmins,
  },
  'Mutation.changeMemberRole': {
    kind: 'mutation',
    operation: 'mutation ($input: ChangeMemberRoleInput!) { changeMemberRole(input: $input) { role user { id } } }',
    variables: ({ memberId }) => ({ input: { userId: memberId, role: 'USER' } }),
    verdicts: byAdmins,
  },
  'Mutation.transferOwnership': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { transferOwnership(userId: $id) { role user { id } } }',
    // To nobody: an administrator who gave it away would be one no longer.
    variables: () => ({ id: randomUUID() }),
    verdicts: { ...byAdmins, admin: 'NOT_FOUND' },
  },
  'Mutation.deactivateMember': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { deactivateMember(userId: $id) { role status user { id } } }',
    fresh: async (maker) => ({ id: await maker.member() }),
    verdicts: byAdmins,
  },
  'Mutation.reactivateMember': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { reactivateMember(userId: $id) { role status user { id } } }',
    fresh: async (maker) => ({ id: await maker.member() }),
    verdicts: byAdmins,
  },
  'Mutation.removeMember': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { removeMember(userId: $id) }',
    fresh: async (maker) => ({ id: await maker.member() }),
    verdicts: byAdmins,
  },
};

const administration: Readonly<Record<string, FieldCase>> = {
  'Mutation.createRole': {
    kind: 'mutation',
    operation: `mutation ($input: CreateRoleInput!) { createRole(input: $input) { ${role} } }`,
    fresh: async () => ({ input: { name: `role-${randomUUID()}`, permissions: ['files:read'] } }),
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.updateRole': {
    kind: 'mutation',
    operation: `mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { ${role} } }`,
    variables: ({ roleId }) => ({ input: { id: roleId, permissions: ['files:read'] } }),
    verdicts: byAdmins,
  },
  'Mutation.deleteRole': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { deleteRole(id: $id) }',
    fresh: async (maker) => ({ id: await maker.role() }),
    verdicts: byAdmins,
  },
  'Mutation.suspendTenant': {
    kind: 'mutation',
    operation: 'mutation ($input: SuspendTenantInput!) { suspendTenant(input: $input) { id name } }',
    variables: ({ tenantId }) => ({ input: { tenantId, reason: 'envy' } }),
    verdicts: byPlatform,
  },
  'Mutation.resumeTenant': {
    kind: 'mutation',
    operation: 'mutation ($input: ResumeTenantInput!) { resumeTenant(input: $input) { id name } }',
    variables: ({ tenantId }) => ({ input: { tenantId } }),
    verdicts: byPlatform,
  },
  'Mutation.changePlan': {
    kind: 'mutation',
    operation: 'mutation ($input: ChangePlanInput!) { changePlan(input: $input) { id name } }',
    variables: ({ tenantId }) => ({ input: { tenantId, plan: 'enterprise' } }),
    verdicts: byPlatform,
  },
  'Mutation.setEnabledServices': {
    kind: 'mutation',
    operation: 'mutation ($input: SetEnabledServicesInput!) { setEnabledServices(input: $input) { id name } }',
    variables: ({ tenantId }) => ({ input: { tenantId, services: [] } }),
    verdicts: byPlatform,
  },
  'Mutation.createTenant': {
    kind: 'mutation',
    operation: 'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { id name } }',
    fresh: async () => ({ input: { name: 'Another', slug: `another-${randomUUID().slice(0, 13)}` } }),
    verdicts: ofOneself,
  },
  'Mutation.setSetting': {
    kind: 'mutation',
    operation: 'mutation ($input: SetSettingInput!) { setSetting(input: $input) { key value } }',
    variables: () => ({ input: { key: 'branding', value: { colour: '#123456' } } }),
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.resetSetting': {
    kind: 'mutation',
    operation: 'mutation ($input: ResetSettingInput!) { resetSetting(input: $input) { key value } }',
    variables: () => ({ input: { key: 'branding' } }),
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.defineSetting': {
    kind: 'mutation',
    operation: 'mutation ($input: DefineSettingInput!) { defineSetting(input: $input) { key value } }',
    variables: () => ({ input: { key: 'greed', description: 'More', schema: { type: 'integer' }, defaultValue: 1 } }),
    verdicts: byPlatform,
  },
  'Mutation.renameTenant': {
    kind: 'mutation',
    operation: 'mutation ($input: RenameTenantInput!) { renameTenant(input: $input) { id name } }',
    variables: () => ({ input: {} }),
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.updateTenant': {
    kind: 'mutation',
    operation: 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { id settings } }',
    variables: () => ({ input: { settings: { colour: 'blue' } } }),
    verdicts: ofActiveTenantByAdmins,
  },
};

export const tenantFields: Readonly<Record<string, FieldCase>> = {
  ...queries,
  ...membership,
  ...administration,
};
