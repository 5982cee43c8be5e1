import { fileURLToPath } from 'node:url';
import type { Contender } from './contender.js';

/**
 * Tessera's gateway as anybody runs it in front of a foreign supergraph; like the others it logs no requests and shares
 * nothing between them.
 */
export const tessera: Contender = {
  name: 'tessera',
  path: '/graphql',
  environment: { LOG_LEVEL: 'warn', HOST: '127.0.0.1', DEDUPLICATE_IN_FLIGHT: 'false' },
  command: ({ supergraphPath, port }) => [
    fileURLToPath(import.meta.resolve('@tessera/gateway/main')),
    '--supergraph',
    supergraphPath,
    '--port',
    String(port),
  ],
};
