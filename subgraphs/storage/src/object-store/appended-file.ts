import { link, mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AppendedObject, AppendState } from './object-store.js';

/** Continues a file at a known length: what a crash left beyond it is cut off. */
export async function openAppendedFile(
  temporary: string,
  path: string,
  state: AppendState | null,
): Promise<AppendedObject> {
  const handle: FileHandle = await open(temporary, state === null ? 'w' : 'r+', 0o600);
  let bytes = state?.bytes ?? 0;
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
