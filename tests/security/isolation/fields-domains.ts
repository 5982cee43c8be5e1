import { randomUUID } from 'node:crypto';
import { byAdmins, byMembers, ofActiveTenantByAdmins, ofOneself, type FieldCase } from './field-case.js';

const domain = 'id domain recordName recordValue verifiedAt autoJoinRole';

/** Of a domain that nobody has: to make one for each call would use up the plan. */
const byAdminsOfNothing = { ...byAdmins, admin: 'NOT_FOUND' };

export const domainFields: Readonly<Record<string, FieldCase>> = {
  'Query.domains': {
    kind: 'query',
    operation: `{ domains { ${domain} } }`,
    isRevealing: false,
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.addDomain': {
    kind: 'mutation',
    operation: `mutation ($input: AddDomainInput!) { addDomain(input: $input) { ${domain} } }`,
    variables: () => ({ input: { domain: 'gmail.com' } }),
    verdicts: { ...ofActiveTenantByAdmins, admin: 'BAD_USER_INPUT', stranger: 'BAD_USER_INPUT' },
  },
  'Mutation.verifyDomain': {
    kind: 'mutation',
    operation: `mutation ($id: ID!) { verifyDomain(id: $id) { ${domain} } }`,
    variables: () => ({ id: randomUUID() }),
    verdicts: byAdminsOfNothing,
  },
  'Mutation.setDomainAutoJoin': {
    kind: 'mutation',
    operation: `mutation ($input: SetDomainAutoJoinInput!) { setDomainAutoJoin(input: $input) { ${domain} } }`,
    variables: () => ({ input: { id: randomUUID(), role: 'USER' } }),
    verdicts: byAdminsOfNothing,
  },
  'Mutation.removeDomain': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { removeDomain(id: $id) }',
    variables: () => ({ id: randomUUID() }),
    verdicts: byAdminsOfNothing,
  },
  'Query.joinableTenants': {
    kind: 'query',
    operation: '{ joinableTenants { tenantId tenantName role invitationToken expiresAt } }',
    // Nobody's address is proven, so nobody is told of any.
    isRevealing: false,
    verdicts: ofOneself,
  },
  'Mutation.joinTenant': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { joinTenant(tenantId: $id) { role tenant { id } } }',
    variables: ({ tenantId }) => ({ id: tenantId }),
    verdicts: { ...byMembers, admin: 'NOT_FOUND', member: 'NOT_FOUND', lockedOut: 'NOT_FOUND' },
  },
};
