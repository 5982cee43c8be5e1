import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Ids to start a child process with; empty where the present ones will do. */
export interface UserIds {
  readonly uid?: number;
  readonly gid?: number;
}

/** How programs are started that refuse to run as root. */
export interface Unprivileged {
  readonly ids: UserIds;
  /** What stands before the program on the command line. */
  readonly prefix: readonly string[];
}

const nobody = 65_534;
/** A user namespace in which root is called nobody: the program sees somebody else, and files see root. */
const renamed = ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`, '--'];

/**
 * PostgreSQL refuses to run as root: in a container that has nobody else, it runs as one of the system's own users. Where
 * that one may not enter (a home of root, a folder of `mktemp -d`), it runs as root by another name.
 *
 * @param folder of the data; it may not exist yet
 * @param program which is to be run
 */
export async function runUnprivileged(folder: string, program: string): Promise<Unprivileged> {
  if (process.getuid?.() !== 0) return { ids: {}, prefix: [] };
  const ids = await findUser();
  const isRenamed =
    (await isOfRoot(folder)) || !(await canEnter(dirname(folder))) || !(await canEnter(dirname(program)));
  return isRenamed && (await canRename()) ? { ids: {}, prefix: renamed } : { ids, prefix: [] };
}

/** The file to start and its arguments. */
export function commandOf(
  { prefix }: Unprivileged,
  program: string,
  values: readonly string[],
): readonly [string, readonly string[]] {
  const [file = program, ...rest] = [...prefix, program, ...values];
  return [file, rest];
}

async function findUser(): Promise<Required<UserIds>> {
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const account =
    accounts.find(([name]) => name === 'postgres') ??
    accounts.find(([name]) => name === 'node') ??
    accounts.find(([name]) => name === 'nobody');
  return account === undefined ? { uid: nobody, gid: nobody } : { uid: Number(account[2]), gid: Number(account[3]) };
}

/** Whether a database was made there under the other name. */
async function isOfRoot(folder: string): Promise<boolean> {
  const version = await stat(join(folder, 'PG_VERSION')).catch(() => undefined);
  return version?.uid === 0;
}

/** Whether everybody may go to a folder, through all that it lies in; one that does not exist yet will let them. */
async function canEnter(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  if (found !== undefined && (found.mode & 0o001) === 0) return false;
  return dirname(folder) === folder || canEnter(dirname(folder));
}

async function canRename(): Promise<boolean> {
  const [file = '', ...values] = [...renamed, 'true'];
  return run(file, values, { timeout: 5_000 }).then(
    () => true,
    () => false,
  );
}
