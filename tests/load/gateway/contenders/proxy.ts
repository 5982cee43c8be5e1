import { fileURLToPath } from 'node:url';
import type { Contender } from './contender.js';

/** What no gateway on Node can beat: a server that parses a request and forwards it to the one subgraph. */
export const proxy: Contender = {
  name: 'proxy',
  path: '/',
  environment: {},
  command: ({ subgraphUrl = '', port }) => [
    fileURLToPath(new URL('./proxy-process.js', import.meta.url)),
    subgraphUrl,
    String(port),
  ],
};
