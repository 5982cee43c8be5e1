import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '@tessera/service/errors';
import { z } from 'zod';

const secretNames = ['database', 'principal', 'invitation', 'keyEncryption', 'objectUrl'] as const;

/** Secrets made on the first start and kept, so that sessions and links survive a restart. */
export type Secrets = Readonly<Record<(typeof secretNames)[number], string>>;

const secretsSchema = z.object({
  database: z.string(),
  principal: z.string(),
  invitation: z.string(),
  keyEncryption: z.string(),
  objectUrl: z.string(),
});

export interface DataDirectory {
  readonly database: string;
  readonly objects: string;
  readonly mail: string;
  readonly secrets: Secrets;
  /** Lets another process have the folder. */
  release(): Promise<void>;
}

/**
 * Opens the folder that local mode keeps everything in, for this process alone.
 *
 * @throws StartError when another process uses it, or when it cannot be read or written
 */
export async function openDataDirectory(folder: string): Promise<DataDirectory> {
  const paths = { database: join(folder, 'postgres'), objects: join(folder, 'objects'), mail: join(folder, 'mail') };
  const lock = join(folder, 'tessera.pid');
  try {
    for (const path of [folder, paths.objects, paths.mail]) await mkdir(path, { recursive: true });
    await takeLock(lock, folder);
    return {
      ...paths,
      secrets: await readSecrets(join(folder, 'secrets.json')),
      release: () => rm(lock, { force: true }),
    };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`Data folder ${folder} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

async function takeLock(lock: string, folder: string): Promise<void> {
  const holder = Number(await readFile(lock, 'utf8').catch(() => '0'));
  if (holder > 0 && holder !== process.pid && isAlive(holder)) {
    throw new StartError(`Data folder ${folder} is used by process ${holder}. Stop it, or choose another: --data-dir`);
  }
  await writeFile(lock, String(process.pid));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function readSecrets(file: string): Promise<Secrets> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text !== undefined) {
    const parsed = secretsSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    throw new StartError(`${file} is damaged. Restore it, or delete the whole data folder to begin anew`);
  }
  const secrets = Object.fromEntries(
    secretNames.map((name) => [name, randomBytes(32).toString('base64url')]),
  ) as Secrets;
  await writeFile(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}
