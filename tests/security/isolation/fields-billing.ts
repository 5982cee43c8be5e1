import { ofActiveTenantByAdmins, type FieldCase } from './field-case.js';

const payment = 'id plan price { amount currency } status createdAt settledAt';
const page = 'pageInfo { hasNextPage } totalCount';

/** What a tenant pays. */
export const billingFields: Readonly<Record<string, FieldCase>> = {
  'Query.payments': {
    kind: 'query',
    operation: `{ payments(first: 5) { nodes { ${payment} } edges { cursor node { id } } ${page} } }`,
    isRevealing: false,
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.checkout': {
    kind: 'mutation',
    operation: `mutation ($input: CheckoutInput!) { checkout(input: $input) { payment { ${payment} } url } }`,
    // Of a plan that is not for sale: to buy one would change the tenant for all cases after.
    variables: () => ({ input: { plan: 'free' } }),
    verdicts: { ...ofActiveTenantByAdmins, admin: 'BAD_USER_INPUT', stranger: 'BAD_USER_INPUT' },
  },
};
