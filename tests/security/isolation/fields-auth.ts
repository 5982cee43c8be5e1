import { randomUUID } from 'node:crypto';
import { byAdmins, byEverybody, byMembers, ofActiveTenantByAdmins, ofOneself } from './field-case.js';
import type { FieldCase } from './field-case.js';

const tokens = 'accessToken refreshToken expiresIn';
const apiKey = 'id name prefix scopes createdAt expiresAt lastUsedAt revokedAt';
const password = 'correct horse battery staple';

/** Refused in one way to everybody who has sent a good token or none. */
const byNobody = (code: string): FieldCase['verdicts'] => ({
  ...byEverybody,
  admin: code,
  member: code,
  stranger: code,
  anonymous: code,
  lockedOut: code,
});

const sessionFields: Readonly<Record<string, FieldCase>> = {
  'Query.me': {
    kind: 'query',
    operation: `{ me {
      id email displayName locale timeZone preferences
      sessions { id createdAt lastUsedAt userAgent ipAddress isCurrent tenantId }
      memberships { role joinedAt permissions tenant { id name } user { id } }
    } }`,
    verdicts: { ...ofOneself, anonymous: 'null' },
  },
  'Query.auditLog': {
    kind: 'query',
    operation: `{ auditLog(first: 50) {
      nodes {
        id occurredAt action outcome actorKind actorId impersonatorId subjectId targetType targetId clientAddress
        userAgent requestId details
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

/** Of whoever is signed in, who is refused with a code. */
const refusedToOneself = (code: string): FieldCase['verdicts'] => ({ ...byNobody(code), anonymous: 'UNAUTHENTICATED' });

const secondFactorFields: Readonly<Record<string, FieldCase>> = {
  'Query.mfaStatus': {
    kind: 'query',
    operation: '{ mfaStatus { isTotpEnabled recoveryCodesLeft } }',
    isRevealing: false,
    verdicts: ofOneself,
  },
  'Mutation.verifyMfa': {
    kind: 'mutation',
    operation: `mutation ($input: VerifyMfaInput!) { verifyMfa(input: $input) { user { id } tokens { ${tokens} } } }`,
    variables: () => ({ input: { challengeId: 'of-no-sign-in', code: '123456' } }),
    verdicts: byNobody('UNAUTHENTICATED'),
  },
  'Mutation.enrollTotp': {
    kind: 'mutation',
    operation: 'mutation { enrollTotp { secret uri } }',
    // Addresses of the people of these tests are not proven.
    verdicts: refusedToOneself('PRECONDITION_FAILED'),
  },
  'Mutation.confirmTotp': {
    kind: 'mutation',
    operation: 'mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { codes } }',
    variables: () => ({ input: { code: '123456' } }),
    verdicts: refusedToOneself('PRECONDITION_FAILED'),
  },
  'Mutation.disableTotp': {
    kind: 'mutation',
    operation: 'mutation { disableTotp }',
    verdicts: refusedToOneself('PRECONDITION_FAILED'),
  },
  'Mutation.regenerateRecoveryCodes': {
    kind: 'mutation',
    operation: 'mutation { regenerateRecoveryCodes { codes } }',
    verdicts: refusedToOneself('PRECONDITION_FAILED'),
  },
  'Mutation.reauthenticate': {
    kind: 'mutation',
    operation: 'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) }',
    variables: () => ({ input: { password: 'not the password' } }),
    verdicts: refusedToOneself('FORBIDDEN'),
  },
};

/** Everything below a sign-in's result. */
const signInResult = `... on SignedIn { user { id } tokens { ${tokens} } } ... on MfaRequired { challengeId expiresAt }`;

const emailSignInFields: Readonly<Record<string, FieldCase>> = {
  'Mutation.requestSignInCode': {
    kind: 'mutation',
    operation: `mutation ($input: RequestSignInCodeInput!) {
      requestSignInCode(input: $input) { challengeId expiresAt }
    }`,
    variables: ({ adminEmail }) => ({ input: { email: adminEmail } }),
    verdicts: byEverybody,
  },
  'Mutation.signInWithCode': {
    kind: 'mutation',
    operation: `mutation ($input: SignInWithCodeInput!) { signInWithCode(input: $input) { ${signInResult} } }`,
    variables: () => ({ input: { challengeId: 'of-no-request', code: '123456' } }),
    verdicts: byNobody('UNAUTHENTICATED'),
  },
  'Mutation.signInWithLink': {
    kind: 'mutation',
    operation: `mutation ($input: SignInWithLinkInput!) { signInWithLink(input: $input) { ${signInResult} } }`,
    variables: () => ({ input: { token: 'of-no-mail' } }),
    verdicts: byNobody('UNAUTHENTICATED'),
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
  ...secondFactorFields,
  ...emailSignInFields,
  ...apiKeyFields,
};
