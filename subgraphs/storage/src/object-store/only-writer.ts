import { link, open, rename, rm, stat } from 'node:fs/promises';

/**
 * Creates the temporary file of an upload, where nobody else writes the same one: of any number of processes over one folder, one.
 *
 * The place is a second name of whoever's temporary file has it, so its time is that of the last bytes. A writer that crashed leaves
 * it behind, and one that was silent too long loses it.
 *
 * @param place the same for all who would write the same upload
 * @param silenceMs how old the last bytes are of who is gone
 * @returns whether it is ours; without it no temporary file is left
 */
export async function becomeOnlyWriter(temporary: string, place: string, silenceMs: number): Promise<boolean> {
  await (await open(temporary, 'wx', 0o600)).close();
  try {
    await link(temporary, place);
    return true;
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EEXIST';
    if (isTaken && (await takeOver(temporary, place, silenceMs))) return true;
    await rm(temporary, { force: true });
    if (isTaken) return false;
    throw error;
  }
}

/** Whether nobody has taken the place over. */
export async function isOnlyWriter(temporary: string, place: string): Promise<boolean> {
  const [own, holder] = await Promise.all([find(temporary), find(place)]);
  return own !== undefined && own.ino === holder?.ino;
}

/** Removes the temporary file, and lets others write. */
export async function endWriting(temporary: string, place: string): Promise<void> {
  if (await isOnlyWriter(temporary, place)) await rm(place, { force: true });
  await rm(temporary, { force: true });
}

/** Of many who take it over at once the last has it; the others find that out when they look. */
async function takeOver(temporary: string, place: string, silenceMs: number): Promise<boolean> {
  const [own, holder] = await Promise.all([find(temporary), find(place)]);
  // Both times are of the clock of the file system, which may not be ours.
  const isSilent = own !== undefined && holder !== undefined && own.mtimeMs - holder.mtimeMs > silenceMs;
  if (!isSilent) return false;
  const name = `${temporary}.place`;
  await link(temporary, name);
  await rename(name, place);
  return isOnlyWriter(temporary, place);
}

async function find(path: string): Promise<{ readonly ino: bigint; readonly mtimeMs: number } | undefined> {
  try {
    const { ino, mtimeMs } = await stat(path, { bigint: true });
    return { ino, mtimeMs: Number(mtimeMs) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
