import { randomUUID } from 'node:crypto';
import {
  byAdmins,
  byEverybody,
  byNobody,
  byMembers,
  byPlatform,
  ofActiveTenantByAdmins,
  ofOneself,
} from './field-case.js';
import type { FieldCase } from './field-case.js';
import { waysInFields } from './fields-ways-in.js';

const tokens = 'accessToken refreshToken expiresIn';
const apiKey = 'id name prefix scopes createdAt expiresAt lastUsedAt revokedAt';
const impersonation = 'sessionId userId impersonatorId reason startedAt endsAt';
const password = 'correct horse battery staple';

const sessionFields: Readonly<Record<string, FieldCase>> = {
  'Query.me': {
    kind: 'query',
    operation: `{ me {
      id email isEmailVerified accountStatus signInCount lastSignedInAt activity { lastActiveAt activeDays } storageUsed { bytes files } displayName locale timeZone preferences
      sessions { id createdAt lastUsedAt userAgent ipAddress isCurrent tenantId }
      id email displayName locale timeZone preferences
      sessions {
        id createdAt lastUsedAt expiresAt isImpersonated userAgent ipAddress place { country city } isCurrent tenantId impersonation { ${impersonation} }
      }
      memberships { id role joinedAt permissions tenant { id name } user { id } }
    } }`,
    verdicts: { ...ofOneself, anonymous: 'null' },
  },
  'Query.accounts': {
    kind: 'query',
    operation: `{ accounts(first: 5) {
      nodes { userId email status createdAt deactivatedAt signInCount lastSignedInAt } edges { cursor node { email } } pageInfo { hasNextPage } totalCount
    } }`,
    isRevealing: false,
    verdicts: byPlatform,
  },
  'Mutation.deactivateAccount': {
    kind: 'mutation',
    operation: 'mutation ($input: AccountStatusInput!) { deactivateAccount(input: $input) { userId email status } }',
    variables: ({ memberId }) => ({ input: { userId: memberId, reason: 'envy' } }),
    verdicts: byPlatform,
  },
  'Mutation.importAccounts': {
    kind: 'mutation',
    operation: 'mutation ($input: ImportAccountsInput!) { importAccounts(input: $input) { email userId isNew } }',
    variables: ({ adminEmail }) => ({ input: { accounts: [{ email: adminEmail, displayName: 'Mine' }] } }),
    verdicts: byPlatform,
  },
  'Mutation.reactivateAccount': {
    kind: 'mutation',
    operation: 'mutation ($input: AccountStatusInput!) { reactivateAccount(input: $input) { userId email status } }',
    variables: ({ memberId }) => ({ input: { userId: memberId, reason: 'envy' } }),
    verdicts: byPlatform,
  },
  'Query.accountActivity': {
    kind: 'query',
    operation: `{ accountActivity(first: 50) {
      nodes { id action actorId subjectId clientAddress details } edges { cursor node { id } } pageInfo { hasNextPage } totalCount
    } }`,
    verdicts: ofOneself,
  },
  'Query.auditLog': {
    kind: 'query',
    operation: `{ auditLog(first: 50) {
      nodes {
        id occurredAt action outcome actorKind actorId impersonatorId subjectId targetType targetId clientAddress
        clientPlace { country city } userAgent requestId details
      }
      edges { cursor node { id } } pageInfo { hasNextPage } totalCount
    } }`,
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.signUp': {
    kind: 'mutation',
    operation: `mutation ($input: SignUpInput!) { signUp(input: $input) { user { id } tokens { ${tokens} } } }`,
    variables: () => ({ input: { email: `${randomUUID()}@example.com`, password, displayName: 'New' } }),
    verdicts: byEverybody,
  },
  'Mutation.signIn': {
    kind: 'mutation',
    operation: `mutation ($input: SignInInput!) { signIn(input: $input) {
      ... on SignedIn { user { id } tokens { ${tokens} } } ... on MfaRequired { challengeId expiresAt }
    } }`,
    variables: ({ adminEmail }) => ({ input: { email: adminEmail, password: 'not the password' } }),
    verdicts: byNobody('UNAUTHENTICATED'),
  },
  'Mutation.refreshTokens': {
    kind: 'mutation',
    operation: `mutation ($token: String!) { refreshTokens(refreshToken: $token) { ${tokens} } }`,
    fresh: async (maker) => ({ token: await maker.refreshToken() }),
    verdicts: byEverybody,
  },
  'Mutation.signOut': {
    kind: 'mutation',
    operation: 'mutation { signOut }',
    usesUpSession: true,
    endsSession: true,
    verdicts: ofOneself,
  },
  'Mutation.signOut by a refresh token': {
    kind: 'mutation',
    operation: 'mutation ($token: String) { signOut(refreshToken: $token) }',
    fresh: async (maker) => ({ token: await maker.refreshToken() }),
    verdicts: byEverybody,
  },
  'Mutation.revokeSession': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { revokeSession(id: $id) }',
    variables: ({ tenantId }) => ({ id: tenantId }),
    verdicts: { ...byNobody('NOT_FOUND'), anonymous: 'UNAUTHENTICATED' },
  },
  'Query.impersonation': {
    kind: 'query',
    operation: `{ impersonation { ${impersonation} } }`,
    isRevealing: false,
    verdicts: byNobody('null'),
  },
  'Mutation.impersonate': {
    kind: 'mutation',
    operation: `mutation ($input: ImpersonateInput!) {
      impersonate(input: $input) { impersonation { ${impersonation} } tokens { ${tokens} } }
    }`,
    variables: ({ memberId, tenantId }) => ({ input: { userId: memberId, tenantId, reason: 'Out of curiosity' } }),
    verdicts: byPlatform,
  },
  'Mutation.switchTenant': {
    kind: 'mutation',
    operation: `mutation ($id: ID!) { switchTenant(tenantId: $id) { ${tokens} } }`,
    variables: ({ tenantId }) => ({ id: tenantId }),
    usesUpSession: true,
    verdicts: { ...byMembers, lockedOut: 'NOT_FOUND' },
  },
};

const accountFields: Readonly<Record<string, FieldCase>> = {
  'Mutation.requestEmailVerification': {
    kind: 'mutation',
    operation: 'mutation ($email: String) { requestEmailVerification(email: $email) }',
    variables: ({ adminEmail }) => ({ email: adminEmail }),
    verdicts: byEverybody,
  },
  'Mutation.verifyEmail': {
    kind: 'mutation',
    operation: 'mutation ($token: String!) { verifyEmail(token: $token) }',
    variables: () => ({ token: 'of-no-mail' }),
    verdicts: byNobody('BAD_USER_INPUT'),
  },
  'Mutation.changePassword': {
    kind: 'mutation',
    operation: 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }',
    variables: () => ({ input: { currentPassword: 'not the password', newPassword: 'another long password' } }),
    verdicts: { ...byNobody('FORBIDDEN'), anonymous: 'UNAUTHENTICATED' },
  },
  'Mutation.requestPasswordReset': {
    kind: 'mutation',
    operation: 'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) }',
    variables: ({ adminEmail }) => ({ input: { email: adminEmail } }),
    verdicts: byEverybody,
  },
  'Mutation.resetPassword': {
    kind: 'mutation',
    operation: 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }',
    variables: () => ({ input: { token: 'of-no-mail', newPassword: 'another long password' } }),
    verdicts: byNobody('BAD_USER_INPUT'),
  },
};

const apiKeyFields: Readonly<Record<string, FieldCase>> = {
  'Query.apiKeys': {
    kind: 'query',
    operation: `{ apiKeys(first: 5) {
      nodes { ${apiKey} } edges { cursor node { id } } pageInfo { hasNextPage } totalCount
    } }`,
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.createApiKey': {
    kind: 'mutation',
    operation: `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { ${apiKey} } token } }`,
    variables: () => ({ input: { name: 'Key', scopes: ['files:read'] } }),
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.rotateApiKey': {
    kind: 'mutation',
    operation: `mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { apiKey { ${apiKey} } token } }`,
    fresh: async (maker) => ({ input: { id: await maker.apiKey() } }),
    verdicts: byAdmins,
  },
  'Mutation.revokeApiKey': {
    kind: 'mutation',
    operation: `mutation ($id: ID!) { revokeApiKey(id: $id) { ${apiKey} } }`,
    fresh: async (maker) => ({ id: await maker.apiKey() }),
    verdicts: byAdmins,
  },
};

export const authFields: Readonly<Record<string, FieldCase>> = {
  ...sessionFields,
  ...accountFields,
  ...waysInFields,
  ...apiKeyFields,
};
