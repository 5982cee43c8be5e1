import { fileURLToPath } from 'node:url';
import type { Contender } from './contender.js';

/**
 * As `npm run gateway` has it. Requests under way are what V8's young generation holds: one of 64 MB is collected so
 * much less often that a heavy request costs 0.8 of the processor time, a small one 0.8 as well.
 */
const youngGeneration = ['--min-semi-space-size=64', '--max-semi-space-size=64'];

/**
 * Tessera's gateway as anybody runs it in front of a foreign supergraph; like the others it logs no requests and shares
 * nothing between them.
 */
export const tessera: Contender = {
  name: 'tessera',
  path: '/graphql',
  environment: { LOG_LEVEL: 'warn', HOST: '127.0.0.1', DEDUPLICATE_IN_FLIGHT: 'false' },
  command: ({ supergraphPath, port }) => [
    ...youngGeneration,
    fileURLToPath(import.meta.resolve('@tessera/gateway/main')),
    '--supergraph',
    supergraphPath,
    '--port',
    String(port),
  ],
};
