import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What a PostgreSQL server of a test holds when the test begins. */
export interface Preparation {
  /** Equal names say equal contents, in all suites of a run. */
  readonly name: string;
  /** Fills an empty server, as superuser. */
  prepare(adminUrl: string): Promise<void>;
}

/** Where the suites of one run of jest share files (`run-folder.mjs`); a program that is no suite has none. */
const runFolder = process.env['TESSERA_RUN_FOLDER'];

/** A path for a server's files, at which there is nothing yet. */
export function newServerFolder(): string {
  return join(runFolder ?? tmpdir(), `tessera-postgres-${randomUUID()}`);
}

/** Copies what was kept under a name to a new folder; answers whether anything was. */
export async function copyKept(name: string, folder: string): Promise<boolean> {
  const kept = keptAt(name);
  if (kept === undefined || !existsSync(kept)) return false;
  await copy(kept, folder);
  return true;
}

/** Keeps the files of a server that does not run, for other suites of the same run. */
export async function keep(name: string, folder: string): Promise<void> {
  const kept = keptAt(name);
  if (kept === undefined) return;
  const copied = newServerFolder();
  await copy(folder, copied);
  // Another suite may have been as quick: what it kept is the same, and its folder is not replaced.
  await rename(copied, kept).catch(() => rm(copied, { recursive: true, force: true }));
}

/** Whether what is kept is found again. */
export const isKeeping = runFolder !== undefined;

function keptAt(name: string): string | undefined {
  return runFolder === undefined ? undefined : join(runFolder, `kept-${name}`);
}

/** Owners and modes go along: PostgreSQL takes no files of others. */
async function copy(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', from, to]);
}
