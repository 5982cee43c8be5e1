import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Contender } from './contender.js';

/** Exact versions that install together: the override mends a range that has moved on. */
const manifest = {
  private: true,
  dependencies: {
    '@graphql-hive/gateway': '2.15.1',
    '@graphql-hive/router-runtime': '1.4.23',
    graphql: '16.14.0',
  },
  overrides: { '@graphql-tools/batch-execute': '10.2.0' },
};

/** By default concurrent requests share equal subgraph requests: nobody does so here. */
const configuration = `export const gatewayConfig = {
  transportEntries: { '*.http': { options: { deduplicateInflightRequests: false } } },
};
`;

const installTimeoutMs = 300_000;

/**
 * Hive Gateway with its planner written in Rust. It is installed outside the workspace when it is first asked for.
 *
 * @param folder where it is, or is to be, installed
 * @throws Error where it cannot be installed
 */
export async function installHive(folder: string): Promise<Contender> {
  const script = join(folder, 'node_modules/@graphql-hive/gateway/dist/bin.js');
  if (!existsSync(script)) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    const command = ['install', '--legacy-peer-deps', '--no-audit', '--no-fund'];
    await promisify(execFile)('npm', command, { cwd: folder, timeout: installTimeoutMs });
  }
  const configurationPath = join(folder, 'gateway.config.mjs');
  await writeFile(configurationPath, configuration);
  return {
    name: 'hive',
    path: '/graphql',
    environment: { FORK: '1' },
    command: ({ supergraphPath, port }) => [
      script,
      'supergraph',
      supergraphPath,
      '--hive-router-runtime',
      '--config-path',
      configurationPath,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
    ],
  };
}
