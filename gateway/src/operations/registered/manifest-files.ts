import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ManifestFault, parseManifest } from '@tessera/service/operations';
import type { Logger } from '@tessera/service/logging';
import { hashOf } from '../document-store.js';
import type { LoadedManifest, ManifestSource } from './manifest-source.js';
import { watchFiles } from './watch-files.js';

export interface ManifestFilesOptions {
  /** A manifest, or a folder of them: its files that end in `.json`. */
  readonly path: string;
  readonly logger: Logger;
  /** How often the place is looked at. Default 250. */
  readonly intervalMs?: number;
}

const maxFileBytes = 32 * 1024 * 1024;

interface KnownFile {
  readonly digest: string;
  readonly manifest: LoadedManifest;
}

/** Takes manifests from files. `ios.json` is for the client `ios`, and other clients may use it unless it says otherwise. */
export function createManifestFiles({ path, logger, intervalMs = 250 }: ManifestFilesOptions): ManifestSource {
  const known = new Map<string, KnownFile>();
  /** File -> digest of what was refused, so that it is told of once. */
  const refused = new Map<string, string>();

  async function load(file: string): Promise<void> {
    const { size } = await stat(file);
    if (size > maxFileBytes) return refuse(file, `${size}`, [`it has ${size} bytes, and ${maxFileBytes} are the most`]);
    const text = await readFile(file, 'utf8');
    const digest = hashOf(text);
    if (known.get(file)?.digest === digest) return void refused.delete(file);
    try {
      const { operations } = await parseManifest(text);
      const clientName = basename(file, '.json');
      known.set(file, {
        digest,
        manifest: { origin: `file ${file}`, clientName, clientVersion: undefined, operations },
      });
      refused.delete(file);
    } catch (error) {
      if (!(error instanceof ManifestFault)) throw error;
      refuse(file, digest, error.reasons);
    }
  }

  function refuse(file: string, digest: string, reasons: readonly string[]): void {
    if (refused.get(file) === digest) return;
    refused.set(file, digest);
    logger.error({ file, reasons, oneBeforeStays: known.has(file) }, 'a manifest of operations is refused');
  }

  return {
    async read() {
      const files = await listFiles(path);
      for (const file of files) await load(file);
      for (const file of known.keys()) if (!files.includes(file)) known.delete(file);
      for (const file of refused.keys()) if (!files.includes(file)) refused.delete(file);
      return files.flatMap((file) => known.get(file)?.manifest ?? []);
    },
    watch: (onChange) => watchFiles(() => listFiles(path), intervalMs, onChange),
    get refused() {
      return refused.size;
    },
  };
}

/** @returns the manifests' paths, in their order of names */
async function listFiles(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path);
  // What begins with a dot is half written, or is Kubernetes' own in a mounted ConfigMap.
  return names
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .sort()
    .map((name) => join(path, name));
}
