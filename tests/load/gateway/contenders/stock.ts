import { fileURLToPath } from 'node:url';
import type { Contender } from './contender.js';

/** Apollo's gateway in Apollo's server, as their documentation starts it. */
export const stock: Contender = {
  name: 'stock',
  path: '/',
  environment: { APOLLO_TELEMETRY_DISABLED: '1' },
  command: ({ supergraphPath, port }) => [
    fileURLToPath(new URL('./stock-process.js', import.meta.url)),
    supergraphPath,
    String(port),
  ],
};
