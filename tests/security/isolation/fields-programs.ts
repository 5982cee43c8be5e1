import { byAdmins, ofActiveTenantByAdmins, type FieldCase } from './field-case.js';

const machineClient = 'id name scopes createdAt lastUsedAt formerSecretUntil revokedAt';

/** What programs get in by. */
export const programFields: Readonly<Record<string, FieldCase>> = {
  'Query.machineClients': {
    kind: 'query',
    operation: `{ machineClients(first: 5) {
      nodes { ${machineClient} } edges { cursor node { id } } pageInfo { hasNextPage } totalCount
    } }`,
    isRevealing: false,
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.createMachineClient': {
    kind: 'mutation',
    operation: `mutation ($input: CreateMachineClientInput!) {
      createMachineClient(input: $input) { client { ${machineClient} } secret }
    }`,
    variables: () => ({ input: { name: 'Client', scopes: ['files:read'] } }),
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.rotateMachineClientSecret': {
    kind: 'mutation',
    operation: `mutation ($input: RotateMachineClientSecretInput!) {
      rotateMachineClientSecret(input: $input) { client { ${machineClient} } secret }
    }`,
    fresh: async (maker) => ({ input: { id: await maker.machineClient() } }),
    verdicts: byAdmins,
  },
  'Mutation.revokeMachineClient': {
    kind: 'mutation',
    operation: `mutation ($id: ID!) { revokeMachineClient(id: $id) { ${machineClient} } }`,
    fresh: async (maker) => ({ id: await maker.machineClient() }),
    verdicts: byAdmins,
  },
};
