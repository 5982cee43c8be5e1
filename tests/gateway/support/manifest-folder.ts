import { createHash } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../support/temporary-folder.js';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** An operation of Apollo's manifest, with the id that its generator gives it. */
export function manifestOperation(body: string, more: Readonly<Record<string, unknown>> = {}) {
  const [, type = 'query', name = ''] = /^(query|mutation|subscription) (\w+)/.exec(body) ?? [];
  return { id: sha256(body), name, type, body, ...more };
}

/** A manifest as `@apollo/generate-persisted-query-manifest` writes it. */
export function apolloManifest(operations: readonly object[]) {
  return { format: 'apollo-persisted-query-manifest', version: 1, operations };
}

/** A folder of manifests that a gateway watches. */
export interface ManifestFolder {
  readonly path: string;
  /** Puts a manifest there as a deployment does, whole at once; text is written as it is. */
  write(name: string, content: unknown): Promise<void>;
  delete(name: string): Promise<void>;
  remove(): Promise<void>;
}

export async function createManifestFolder(manifests: Readonly<Record<string, unknown>> = {}): Promise<ManifestFolder> {
  const path = await temporaryFolder('manifests');
  const write = async (name: string, content: unknown): Promise<void> => {
    const file = join(path, `.${name}`);
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    await rename(file, join(path, name));
  };
  for (const [name, content] of Object.entries(manifests)) await write(name, content);
  return {
    path,
    write,
    delete: (name) => rm(join(path, name)),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
