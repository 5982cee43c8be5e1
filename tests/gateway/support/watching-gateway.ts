import { join } from 'node:path';
import { pino } from 'pino';
import type { Leftovers } from '../../support/leftovers.js';
import {
  apolloManifest,
  createManifestFolder,
  manifestOperation,
  sha256,
  type ManifestFolder,
} from './manifest-folder.js';
import { startRunningGateway, type RunningGateway } from './running-gateway.js';

/** A gateway that lets nothing run but what is in a folder of manifests. */
export interface WatchingGateway {
  readonly running: RunningGateway;
  readonly folder: ManifestFolder;
  /** What it has logged. */
  readonly lines: readonly Record<string, unknown>[];
  /** Whether the document runs by its id. */
  runs(text: string): Promise<boolean>;
}

/** @param options environment variables; `file` names the only file that is watched instead of the folder */
export async function startWatchingGateway(
  leftovers: Leftovers,
  manifests: Readonly<Record<string, unknown>>,
  { file, ...environment }: Readonly<Record<string, string>> = {},
): Promise<WatchingGateway> {
  const folder = await createManifestFolder(manifests);
  leftovers.defer('folder', () => folder.remove());
  const lines: Record<string, unknown>[] = [];
  const running = await startRunningGateway({
    environment: {
      OPERATION_MANIFESTS_PATH: file === undefined ? folder.path : join(folder.path, file),
      PERSISTED_OPERATIONS: 'id-only',
      ...environment,
    },
    logger: pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
  });
  leftovers.defer('gateway', () => running.close());
  return {
    running,
    folder,
    lines,
    runs: async (text) => (await running.post({ documentId: sha256(text) })).body.data !== undefined,
  };
}

/** A manifest of texts that name their operations. */
export const manifestOf = (...texts: readonly string[]) => apolloManifest(texts.map((text) => manifestOperation(text)));
