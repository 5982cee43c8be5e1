import { expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { ask, startGatewayOver } from '../support/gateway-over.js';

const outOfStock = () => {
  throw new GraphQLError('Out of stock', { extensions: { code: 'OUT_OF_STOCK', sku: 2 } });
};
const shop = {
  shop: { typeDefs: 'type Query { order: Int }', resolvers: { Query: { order: outOfStock } } },
};

test.each([
  ['masked', { message: 'An unexpected error happened', extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
  ['shown', { message: 'Out of stock', extensions: { code: 'OUT_OF_STOCK', sku: 2 } }],
])('an error with a code of the subgraph’s own is %s where that is the setting', async (setting, told) => {
  const over = await startGatewayOver(shop, { environment: { SUBGRAPH_ERRORS: setting } });

  try {
    const { errors } = await ask(over.url, '{ order }');

    expect(errors).toMatchObject([{ ...told, path: ['order'] }]);
    expect(errors?.[0]?.extensions).not.toHaveProperty('stacktrace');
  } finally {
    await over.close();
  }
});
