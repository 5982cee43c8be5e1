import { fileURLToPath } from 'node:url';
import type { Contender } from './contender.js';

/** Tessera's engine in Apollo's server: `stock` with one import changed, and Node's settings as they come. */
export const dropIn: Contender = {
  name: 'drop-in',
  path: '/',
  environment: {},
  command: ({ supergraphPath, port }) => [
    fileURLToPath(new URL('./drop-in-process.js', import.meta.url)),
    supergraphPath,
    String(port),
  ],
};
