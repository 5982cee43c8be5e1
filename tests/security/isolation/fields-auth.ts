import { randomUUID } from 'node:crypto';
import { byEverybody, byMembers, ofActiveTenantByAdmins, ofOneself, type FieldCase } from './field-case.js';

const tokens = 'accessToken refreshToken expiresIn';
const password = 'correct horse battery staple';

export const authFields: Readonly<Record<string, FieldCase>> = {
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
      ... on SignedIn { user { id } tokens { ${tokens} } } ... on MfaRequired { challengeId }
    } }`,
    variables: ({ adminEmail }) => ({ input: { email: adminEmail, password: 'not the password' } }),
    verdicts: {
      ...byEverybody,
      admin: 'UNAUTHENTICATED',
      member: 'UNAUTHENTICATED',
      stranger: 'UNAUTHENTICATED',
      anonymous: 'UNAUTHENTICATED',
      lockedOut: 'UNAUTHENTICATED',
    },
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
