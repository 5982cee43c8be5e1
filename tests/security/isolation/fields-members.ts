import { randomUUID } from 'node:crypto';
import { byAdmins, byEverybody, byMembers, ofActiveTenantByAdmins } from './field-case.js';
import type { FieldCase } from './field-case.js';

const invitation = 'id email role status createdAt expiresAt openToAnyone lastSentAt';
const page = 'pageInfo { hasNextPage } totalCount';

/** Somebody who is nobody's guest yet. */
const someone = (): string => `${randomUUID()}@example.com`;

const queries: Readonly<Record<string, FieldCase>> = {
  'Tenant.invitations': {
    kind: 'query',
    operation: `{ tenant { id invitations(first: 5) { nodes { ${invitation} } edges { cursor node { id } } ${page} } } }`,
    verdicts: { ...ofActiveTenantByAdmins, lockedOut: 'null' },
  },
  'Query.membership': {
    kind: 'query',
    operation:
      'query ($id: ID!) { membership(tenantId: $id) { id role joinedAt permissions rightsVersion tenant { id name } user { id } } }',
    variables: ({ tenantId }) => ({ id: tenantId }),
    verdicts: { ...byMembers, stranger: 'null', lockedOut: 'null' },
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
};

const mutations: Readonly<Record<string, FieldCase>> = {
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

/** Who is in a tenant, and who is asked to be. */
export const memberFields: Readonly<Record<string, FieldCase>> = { ...queries, ...mutations };
