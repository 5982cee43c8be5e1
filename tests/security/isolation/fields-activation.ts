import { byAdmins, byPlatform, ofOneself, type FieldCase } from './field-case.js';

const batch = 'id name plan termDays keyCount activatedCount validUntil createdAt revokedAt';
const key = 'state plan termDays validUntil activatedAt';
const codeOfNothing = '00000-00000-00000-00000-00000';

/** Activation keys: the platform issues them, whoever manages a tenant redeems them. */
export const activationFields: Readonly<Record<string, FieldCase>> = {
  'Query.keyStatus': {
    kind: 'query',
    operation: `query ($key: String!) { keyStatus(key: $key) { ${key} } }`,
    variables: () => ({ key: codeOfNothing }),
    isRevealing: false,
    verdicts: {
      ...ofOneself,
      admin: 'NOT_FOUND',
      member: 'NOT_FOUND',
      stranger: 'NOT_FOUND',
      lockedOut: 'NOT_FOUND',
    },
  },
  'Mutation.activateKey': {
    kind: 'mutation',
    operation: `mutation ($key: String!) { activateKey(key: $key) { ${key} } }`,
    variables: () => ({ key: codeOfNothing }),
    verdicts: { ...byAdmins, admin: 'NOT_FOUND' },
  },
  'Query.activationBatches': {
    kind: 'query',
    operation: `{ activationBatches(first: 5) {
      nodes { ${batch} } edges { cursor node { id } } pageInfo { hasNextPage } totalCount
    } }`,
    isRevealing: false,
    verdicts: byPlatform,
  },
  'Mutation.issueActivationKeys': {
    kind: 'mutation',
    operation: `mutation ($input: IssueActivationKeysInput!) {
      issueActivationKeys(input: $input) { batch { ${batch} } keys }
    }`,
    variables: () => ({ input: { name: 'Keys', plan: 'pro', count: 1 } }),
    verdicts: byPlatform,
  },
  'Mutation.revokeActivationBatch': {
    kind: 'mutation',
    operation: `mutation ($id: ID!) { revokeActivationBatch(id: $id) { ${batch} } }`,
    variables: ({ tenantId }) => ({ id: tenantId }),
    verdicts: byPlatform,
  },
};
