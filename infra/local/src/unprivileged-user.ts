import { readFile } from 'node:fs/promises';

/** Ids to start a child process with; empty where the present ones will do. */
export interface UserIds {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root: in a container that has nobody else, it runs as one of the system's own users. */
export async function unprivilegedUser(): Promise<UserIds> {
  if (process.getuid?.() !== 0) return {};
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const account =
    accounts.find(([name]) => name === 'postgres') ??
    accounts.find(([name]) => name === 'node') ??
    accounts.find(([name]) => name === 'nobody');
  return account === undefined ? { uid: 65_534, gid: 65_534 } : { uid: Number(account[2]), gid: Number(account[3]) };
}
