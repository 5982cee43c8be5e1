import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contender.js';

/**
 * As `npm run gateway` has it. Requests under way are what V8's young generation holds: with 32 MB of it they are collected
 * half as often as with V8's own 16, which takes a quarter off what a heavy request costs. Many of their objects live as long as
 * a request does, and V8 would take that for a sign that all of their kind live long, and make them among the old ones: in
 * three of seven processes that cost 100 MB and half as much processor time again. One thread helps to collect, where V8 has
 * four: on a core of its own a gateway had a fifth of it while they looked for what another supergraph had left. What loading one makes is collected in its rests.
 */
const memorySettings = [
  '--max-semi-space-size=32',
  '--v8-pool-size=1',
  '--expose-gc',
  '--no-allocation-site-pretenuring',
];

/**
 * Tessera's gateway as anybody runs it in front of a foreign supergraph; like the others it logs no requests and shares
 * nothing between them.
 *
 * @param script the gateway's, of this build or of another one
 */
function runGateway(name: string, script: string, environment: Contender['environment'] = {}): Contender {
  return {
    name,
    path: '/graphql',
    environment: { LOG_LEVEL: 'warn', HOST: '127.0.0.1', DEDUPLICATE_IN_FLIGHT: 'false', ...environment },
    command: ({ supergraphPath, port }) => [
      ...memorySettings,
      script,
      '--supergraph',
      supergraphPath,
      '--port',
      String(port),
    ],
  };
}

const script = fileURLToPath(import.meta.resolve('@tessera/gateway/main'));

/** This build. */
export const tessera: Contender = runGateway('tessera', script);

/** This build with settings of its own. */
export function tesseraWith(environment: Contender['environment']): Contender {
  return runGateway('tessera', script, environment);
}

/** Another build of Tessera, to see what a change has brought. @param folder where its repository is checked out */
export function otherBuild(folder: string): Contender {
  return runGateway(basename(folder), join(resolve(folder), 'gateway/dist/main.js'));
}
