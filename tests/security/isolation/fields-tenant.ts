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
const page = 'pageInfo { hasNextPage } totalCount';

const queries: Readonly<Record<string, FieldCase>> = {
  'Query.tenant': {
    kind: 'query',
    operation: `query ($id: ID!) { tenant(id: $id) {
      id slug name status plan planEndsAt features limits { seats openInvitations groups domains apiCallsPerMonth activeUsersPerMonth eventsPerMonth storageBytes } enabledServices disabledServices createdAt settings storageUsage { bytes files quotaBytes }
      usage { apiCalls apiErrors events activeUsers meters { meter used limit resetsAt } }
      usageHistory(days: 2) { day apiCalls apiErrors events }
      members(first: 5) { nodes { id role status deactivatedAt user { id displayName } } edges { cursor node { role } } ${page} }
    } }`,
    variables: ({ tenantId }) => ({ id: tenantId }),
    verdicts: { ...byMembers, lockedOut: 'NOT_FOUND' },
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
  ...administration,
};
