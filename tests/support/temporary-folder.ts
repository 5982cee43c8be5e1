import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes an empty folder that PostgreSQL's own user may enter too; whoever asked for it removes it. */
export async function temporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `tessera-${name}-`));
  await chmod(folder, 0o755);
  return folder;
}
