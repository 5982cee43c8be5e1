import { readFile } from 'node:fs/promises';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';

/** Child process: `@apollo/gateway` in `@apollo/server`. Arguments: the supergraph's file, the port. */
const [, , supergraphPath = '', port = ''] = process.argv;
const gateway = new ApolloGateway({ supergraphSdl: await readFile(supergraphPath, 'utf8') });
const server = new ApolloServer({ gateway });
await startStandaloneServer(server, { listen: { port: Number(port), host: '127.0.0.1' } });
