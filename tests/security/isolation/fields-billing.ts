import { byPlatform, ofActiveTenantByAdmins, type FieldCase } from './field-case.js';

const payment = 'id plan price { amount currency } status createdAt settledAt';
const delivery = 'id tenantId type status attempts lastStatus lastError createdAt deliveredAt';
const page = 'pageInfo { hasNextPage } totalCount';

/** What a tenant pays, and what billing is told. */
export const billingFields: Readonly<Record<string, FieldCase>> = {
  'Query.payments': {
    kind: 'query',
    operation: `{ payments(first: 5) { nodes { ${payment} } edges { cursor node { id } } ${page} } }`,
    isRevealing: false,
    verdicts: ofActiveTenantByAdmins,
  },
  'Query.billingDeliveries': {
    kind: 'query',
    operation: `{ billingDeliveries(first: 5) { nodes { ${delivery} } edges { cursor node { id } } ${page} } }`,
    isRevealing: false,
    verdicts: byPlatform,
  },
  'Mutation.checkout': {
    kind: 'mutation',
    operation: `mutation ($input: CheckoutInput!) { checkout(input: $input) { payment { ${payment} } url } }`,
    // Of a plan that is not for sale: to buy one would change the tenant for all cases after.
    variables: () => ({ input: { plan: 'free' } }),
    verdicts: { ...ofActiveTenantByAdmins, admin: 'BAD_USER_INPUT', stranger: 'BAD_USER_INPUT' },
  },
};
