import { stat } from 'node:fs/promises';

/**
 * Looks at files in an interval and tells when they have changed and then stayed as they are for one interval, so that a
 * half-written file is not read. They are looked at, not listened to: notifications miss what Kubernetes does with mounted
 * ConfigMaps, and files on network drives.
 *
 * @param list names the files, which may come and go
 * @returns what ends it
 */
export function watchFiles(
  list: () => Promise<readonly string[]>,
  intervalMs: number,
  onChange: () => void,
): () => Promise<void> {
  let told: string | undefined;
  let before: string | undefined;
  let looking: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    const now = await fingerprint(list);
    told ??= now;
    if (now !== told && now === before) {
      told = now;
      onChange();
    }
    before = now;
  };
  const timer = setInterval(() => {
    looking ??= look().finally(() => (looking = undefined));
  }, intervalMs);
  timer.unref();
  looking = look().finally(() => (looking = undefined));

  return async () => {
    clearInterval(timer);
    await looking;
  };
}

/** What tells one state of the files from another; what cannot be read is a state too. */
async function fingerprint(list: () => Promise<readonly string[]>): Promise<string> {
  try {
    const lines = (await list()).map(async (file) => {
      const { mtimeMs, size, ino } = await stat(file);
      return `${file} ${mtimeMs} ${size} ${ino}`;
    });
    return (await Promise.all(lines)).join('\n');
  } catch (error) {
    return (error as Error).message;
  }
}
