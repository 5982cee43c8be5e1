import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { createLiveEvents } from './live-events.js';
import { subgraphTypes } from './subgraph-types.js';

/** Child process: the subgraph that the gateway stands before. It sends its port. */
const events = createLiveEvents();
const schema = buildSubgraphSchema({ typeDefs: parse(subgraphTypes), resolvers: events.resolvers });
const server = events.serve((source) => graphql({ schema, source }));
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.once('disconnect', () => process.exit());
process.send?.((server.address() as AddressInfo).port);
