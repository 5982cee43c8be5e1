import { randomUUID } from 'node:crypto';
import { byAdmins, byPlatform, ofActiveTenantByAdmins, ofOneself, type FieldCase } from './field-case.js';

export const dataExport =
  'id scope createdAt stage rows files fileBytes totalRows totalFiles totalFileBytes completedAt expiresAt failure { code message } sizeBytes downloadUrl';
const erasure = 'id kind subjectId status requestedAt dueAt completedAt reports { subgraph reportedAt counts }';

/** Of one that does not exist, to everybody who is signed in. */
const notFoundByAnybody = {
  ...ofOneself,
  admin: 'NOT_FOUND',
  member: 'NOT_FOUND',
  stranger: 'NOT_FOUND',
  lockedOut: 'NOT_FOUND',
} as const;

const holdInput = (subjectId: string) => ({ input: { kind: 'TENANT', subjectId, reason: 'a case' } });

/** Erasing what others need would end the world: what an administrator can do is proved in tests/integration/tenant. */
export const erasureFields: Readonly<Record<string, FieldCase>> = {
  'Query.erasure': {
    kind: 'query',
    operation: `query ($id: ID) { erasure(id: $id) { ${erasure} } }`,
    variables: () => ({ id: randomUUID() }),
    isRevealing: false,
    verdicts: notFoundByAnybody,
  },
  'Mutation.requestErasure': {
    kind: 'mutation',
    operation: `mutation { requestErasure(input: { scope: MYSELF }) { ${erasure} } }`,
    // The last administrator of a tenant has to stay; a member may go.
    verdicts: {
      ...ofOneself,
      admin: 'PRECONDITION_FAILED',
      stranger: 'PRECONDITION_FAILED',
      lockedOut: 'PRECONDITION_FAILED',
    },
  },
  'Mutation.erasePerson': {
    kind: 'mutation',
    operation: `mutation ($input: ErasePersonInput!) { erasePerson(input: $input) { ${erasure} } }`,
    variables: ({ memberId }) => ({ input: { userId: memberId, reason: 'envy' } }),
    verdicts: byPlatform,
  },
  'Mutation.cancelErasure': {
    kind: 'mutation',
    operation: `mutation ($id: ID!) { cancelErasure(id: $id) { ${erasure} } }`,
    variables: () => ({ id: randomUUID() }),
    verdicts: notFoundByAnybody,
  },
  'Mutation.requestExport': {
    kind: 'mutation',
    operation: `mutation { requestExport(input: { scope: TENANT }) { ${dataExport} } }`,
    verdicts: ofActiveTenantByAdmins,
  },
  'Query.dataExport': {
    kind: 'query',
    operation: `query ($id: ID!) { dataExport(id: $id) { ${dataExport} } }`,
    variables: ({ exportId }) => ({ id: exportId }),
    verdicts: { ...byAdmins, lockedOut: 'NOT_FOUND' },
  },
  'Query.legalHolds': {
    kind: 'query',
    operation: `{ legalHolds(first: 5) { nodes { id kind subjectId reason setAt clearedAt } edges { cursor node { id } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }`,
    isRevealing: false,
    verdicts: byPlatform,
  },
  'Mutation.setLegalHold': {
    kind: 'mutation',
    operation: 'mutation ($input: LegalHoldInput!) { setLegalHold(input: $input) { id reason } }',
    variables: ({ tenantId }) => holdInput(tenantId),
    verdicts: byPlatform,
  },
  'Mutation.clearLegalHold': {
    kind: 'mutation',
    operation: 'mutation ($input: LegalHoldInput!) { clearLegalHold(input: $input) { id reason } }',
    variables: ({ tenantId }) => holdInput(tenantId),
    verdicts: byPlatform,
  },
};
