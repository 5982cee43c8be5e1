import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { ConfigError, type Environment } from '@tessera/service/config';

/**
 * Reads settings from a file of lines `NAME=value`, as `node --env-file` takes them; `#` begins a comment.
 *
 * @param names of all settings: `NAME` and `NAME_FILE` are taken, and nothing else, for it would be a slip of the pen
 * @throws ConfigError for a file that cannot be read, for every line that is no setting, by its number, and naming every setting
 *   that does not exist
 */
export async function readConfigFile(path: string, names: readonly string[]): Promise<Environment> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`--config: the file ${path} cannot be read (${error.code ?? 'unknown reason'})`]);
  });
  const stray = strayLines(text);
  if (stray.length > 0) {
    throw new ConfigError(stray.map((number) => `--config: line ${number} of ${path} is no setting: write NAME=value`));
  }
  const settings = parseEnv(text);
  const known = new Set(names.flatMap((name) => [name, `${name}_FILE`]));
  const unknown = Object.keys(settings).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new ConfigError(unknown.map((name) => `${name}: no such setting (${path})`));
  return settings;
}

const assignment = /^\s*(?:export\s+)?[A-Za-z_]\w*\s*=\s*(.*)$/;
const comment = /^\s*(?:#|$)/;

/** The numbers of lines that `parseEnv` would skip in silence: a file of another format would set nothing. */
function strayLines(text: string): number[] {
  const stray: number[] = [];
  let openQuote: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (openQuote !== undefined) {
      if (line.includes(openQuote)) openQuote = undefined;
      continue;
    }
    if (comment.test(line)) continue;
    const value = assignment.exec(line)?.[1];
    if (value === undefined) stray.push(index + 1);
    else if (/^["'`]/.test(value) && !value.includes(value.charAt(0), 1)) openQuote = value.charAt(0);
  }
  return stray;
}
