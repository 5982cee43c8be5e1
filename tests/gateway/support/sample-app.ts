import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../support/repository-root.js';

const run = promisify(execFile);
const generator = 'node_modules/@apollo/generate-persisted-query-manifest/cli.js';
const timeoutMs = 60_000;

/** A manifest as Apollo's generator writes it. */
export interface GeneratedManifest {
  readonly format: 'apollo-persisted-query-manifest';
  readonly version: 1;
  readonly operations: {
    readonly id: string;
    readonly name: string;
    readonly type: 'query' | 'mutation' | 'subscription';
    readonly body: string;
  }[];
}

/**
 * Runs the real generator over an app, as its build does; the manifest is `app/persisted-query-manifest.json` then.
 *
 * @param folder an empty folder to do it in
 */
export async function generateManifest(
  folder: string,
  fixture: 'sample-app' | 'platform-app' = 'sample-app',
): Promise<GeneratedManifest> {
  const app = join(folder, 'app');
  await mkdir(app);
  await cp(join(repositoryRoot, 'tests/fixtures', fixture), app, { recursive: true });
  await symlink(join(repositoryRoot, 'node_modules'), join(app, 'node_modules'));
  await run(process.execPath, [join(repositoryRoot, generator)], { cwd: app, timeout: timeoutMs });
  return JSON.parse(await readFile(join(app, 'persisted-query-manifest.json'), 'utf8')) as GeneratedManifest;
}
