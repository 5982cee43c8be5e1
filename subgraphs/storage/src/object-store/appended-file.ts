import { link, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AppendedObject, AppendState } from './object-store.js';

const nothing: AppendState = { bytes: 0 };

/** Begins a file, or continues it at a known length: what a crash left beyond it is cut off. @returns undefined where less is there */
export async function openAppendedFile(
  temporary: string,
  path: string,
  state: AppendState | undefined,
): Promise<AppendedObject | undefined> {
  if (state !== undefined && (await lengthOf(temporary)) < state.bytes) return undefined;
  const handle = await open(temporary, state === undefined ? 'w' : 'r+', 0o600);
  let { bytes } = state ?? nothing;
  await handle.truncate(bytes);
  return {
    async append(chunk) {
      await handle.write(chunk, 0, chunk.length, bytes);
      bytes += chunk.length;
    },
    async checkpoint() {
      await handle.datasync();
      return { bytes };
    },
    async complete() {
      await handle.sync();
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await link(temporary, path);
      await rm(temporary, { force: true });
      return bytes;
    },
    close: () => handle.close(),
  };
}

/** @returns -1 where there is no such file */
async function lengthOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return -1;
    throw error;
  }
}
