import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Where supergraphs come from: a file, later a registry. */
export interface SupergraphSource {
  /** Gives the first one. @throws Error where there is none */
  read(): Promise<string>;
  /** Tells of every one since the first, which may be the same again or broken. @returns what ends the telling */
  watch(onOffer: (supergraphSdl: string) => void, onError: (error: Error) => void): () => void;
}

export interface FileSourceOptions {
  /** How often the file is looked at. Default 250. */
  readonly intervalMs?: number;
  /** How long it has to stay as it is before it is read, so that a half-written file is not. Default 100. */
  readonly settleMs?: number;
}

/**
 * Takes supergraphs from a file. It is looked at, not listened to: notifications miss what Kubernetes does with a
 * mounted ConfigMap (a link to a link is exchanged), and files on network drives.
 */
export function createFileSource(
  path: string,
  { intervalMs = 250, settleMs = 100 }: FileSourceOptions = {},
): SupergraphSource {
  return {
    read: () => readFile(path, 'utf8'),
    watch(onOffer, onError) {
      let changes = 0;
      let stopped = false;
      const changed = async (): Promise<void> => {
        changes += 1;
        const change = changes;
        await delay(settleMs, undefined, { ref: false });
        if (stopped || change !== changes) return;
        try {
          onOffer(await readFile(path, 'utf8'));
        } catch (error) {
          onError(error as Error);
        }
      };
      const listener = (): void => void changed();
      watchFile(path, { interval: intervalMs, persistent: false }, listener);
      // Only changes from now on are told of, and the file may have changed since it was read first.
      listener();
      return () => {
        stopped = true;
        unwatchFile(path, listener);
      };
    },
  };
}
