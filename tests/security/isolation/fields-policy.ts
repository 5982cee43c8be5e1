import { byPlatform, ofActiveTenantByAdmins, type FieldCase } from './field-case.js';

const policy = 'version isMfaRequired maxSessionMinutes maxIdleMinutes signInWays networks changedAt';

/** What a tenant asks of those who act in it. */
export const policyFields: Readonly<Record<string, FieldCase>> = {
  'Tenant.securityPolicy': {
    kind: 'query',
    operation: `{ tenant { id securityPolicy { ${policy} } } }`,
    verdicts: { ...ofActiveTenantByAdmins, member: 'answer', lockedOut: 'null' },
    withheld: { member: () => ['"isMfaRequired"'] },
  },
  'Mutation.updateSecurityPolicy': {
    kind: 'mutation',
    operation: `mutation ($input: UpdateSecurityPolicyInput!) { updateSecurityPolicy(input: $input) { ${policy} } }`,
    // Asks for nothing, so that nobody is in another's way.
    variables: () => ({ input: {} }),
    // It needs a recent proof, and a sign-in is one.
    usesUpSession: true,
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.resetSecurityPolicy': {
    kind: 'mutation',
    operation: 'mutation ($input: ResetSecurityPolicyInput!) { resetSecurityPolicy(input: $input) { id name } }',
    variables: ({ tenantId }) => ({ input: { tenantId, reason: 'envy' } }),
    verdicts: byPlatform,
  },
};
