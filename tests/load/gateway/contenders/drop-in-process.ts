import { readFile } from 'node:fs/promises';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { TesseraGateway } from '@tessera/gateway/apollo/tessera-gateway';

/** Child process: Tessera's engine in `@apollo/server`, in `ApolloGateway`'s place. Arguments: the supergraph's file, the port. */
const [, , supergraphPath = '', port = ''] = process.argv;
const supergraphSdl = await readFile(supergraphPath, 'utf8');
const gateway = new TesseraGateway({ supergraphSdl, deduplicatesInFlight: false });
const server = new ApolloServer({ gateway });
await startStandaloneServer(server, { listen: { port: Number(port), host: '127.0.0.1' } });
