import { readFile } from 'node:fs/promises';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { createAuthenticate } from '@tessera/gateway/guards/authenticate';
import { createKeySet } from '@tessera/gateway/guards/key-set';
import { createLogger } from '@tessera/service/logging';

/**
 * Child process: `@apollo/gateway` in `@apollo/server`, whose context is who calls: found out by the very code that Tessera's
 * gateway uses, memory of tokens included. Arguments: the supergraph's file, the port, where the keys are.
 */
const [, , supergraphPath = '', port = '', jwksUrl = ''] = process.argv;
const logger = createLogger({ service: 'stock', level: 'warn' });
const authenticate = createAuthenticate({ keySet: createKeySet({ url: jwksUrl, logger }), isRevoked: () => false });
const gateway = new ApolloGateway({ supergraphSdl: await readFile(supergraphPath, 'utf8') });
const server = new ApolloServer({ gateway });
await startStandaloneServer(server, {
  listen: { port: Number(port), host: '127.0.0.1' },
  context: async ({ req: { headers } }) => ({ caller: await authenticate(headers.authorization) }),
});
