import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { ConfigError, type Environment } from '@tessera/service/config';

/**
 * Reads settings from a file of lines `NAME=value`, as `node --env-file` takes them; `#` begins a comment.
 *
 * @param names of all settings: `NAME` and `NAME_FILE` are taken, and nothing else, for it would be a slip of the pen
 * @throws ConfigError for a file that cannot be read, and naming every setting that does not exist
 */
export async function readConfigFile(path: string, names: readonly string[]): Promise<Environment> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`--config: the file ${path} cannot be read (${error.code ?? 'unknown reason'})`]);
  });
  const settings = parseEnv(text);
  const known = new Set(names.flatMap((name) => [name, `${name}_FILE`]));
  const unknown = Object.keys(settings).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new ConfigError(unknown.map((name) => `${name}: no such setting (${path})`));
  return settings;
}
