import { chmodSync, mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const memory = '/dev/shm';
const prefix = 'tessera-tests-';
/** Containers have 64 MB of it unless told otherwise, of which a database fills all. */
const minMemoryBytes = 4 * 1024 ** 3;

/**
 * jest calls it before the first suite: makes the folder that the databases of all suites are in, in memory where that
 * holds them, for making a thousand files takes a disk half a second. It goes when the run ends. And it says whether slow
 * suites are left out, for suites that then have fewer cases.
 */
export default function openRunFolder(_globalConfig, { testPathIgnorePatterns }) {
  const parent = hasMemory() ? memory : tmpdir();
  removeLeft(parent);
  const folder = join(parent, `${prefix}${process.pid}`);
  mkdirSync(folder, { recursive: true });
  // PostgreSQL's own user enters it too.
  chmodSync(folder, 0o755);
  process.env.TESSERA_RUN_FOLDER = folder;
  if (testPathIgnorePatterns.some((pattern) => pattern.includes('slow'))) process.env.TESSERA_QUICK_TESTS = 'true';
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}

function hasMemory() {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= minMemoryBytes;
  } catch {
    return false;
  }
}

/** A run that was killed could not remove its folder. */
function removeLeft(parent) {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix) || isAlive(Number(name.slice(prefix.length)))) continue;
    rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
