import { ApolloServer } from '@apollo/server';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { accessTokenAudience, accessTokenIssuer } from '@tessera/service/identity';
import { parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { WebSocketServer } from 'ws';
import { createLiveEvents, eventTypes } from './live-events.js';

/**
 * Child process: Apollo Server with graphql-ws beside it, as Apollo's documentation sets up subscriptions, with the events in
 * the same process: no federation. Arguments: where the keys of tokens are, the port.
 */
const [, , jwksUrl = '', port = ''] = process.argv;
const events = createLiveEvents();
const schema = buildSubgraphSchema({
  typeDefs: parse(`type Query { nothing: Int } type Subscription { liveMetrics: LiveMetrics! } ${eventTypes}`),
  resolvers: events.resolvers,
});
const apollo = new ApolloServer({ schema });
await apollo.start();
const server = events.serve(async (query) => {
  const { body } = await apollo.executeOperation({ query });
  return body.kind === 'single' ? body.singleResult : null;
});
const keys = createRemoteJWKSet(new URL(jwksUrl));
const expected = { audience: accessTokenAudience, issuer: accessTokenIssuer };
useServer(
  {
    schema,
    async onConnect({ connectionParams }) {
      const authorization = String(connectionParams?.['authorization'] ?? '');
      await jwtVerify(authorization.replace(/^Bearer /, ''), keys, expected);
    },
  },
  new WebSocketServer({ server, path: '/graphql', maxPayload: 1_048_576 }),
);
server.listen(Number(port), '127.0.0.1');
