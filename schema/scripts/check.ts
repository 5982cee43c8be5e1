import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { checkBreaking } from './check-breaking.js';
import { checkOperations } from './check-operations.js';
import { readCheckOptions, type CheckOptions } from './check-options.js';
import { consumerSchema } from './consumer-schema.js';
import type { OwnSupergraph } from './own-supergraph.js';
import { repositoryRoot, supergraphFile } from './repository.js';

/**
 * Fails when a committed schema file is not what the code says, when registered operations do not run on the schema, and
 * when consumers of the base would break: all that there may be, or, with usage, those that there are.
 */
try {
  const faults = await check(await readCheckOptions(process.argv.slice(2), process.env));
  for (const fault of faults) process.stderr.write(`error: ${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
  else process.stdout.write('schema is fresh and breaks nobody\n');
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

/** @returns what is wrong, a line each */
async function check({
  allowBreaking,
  baseFile,
  supergraphFile: given,
  usage,
}: CheckOptions): Promise<readonly string[]> {
  const revision = process.env['SCHEMA_BASE'] ?? 'HEAD';
  const base = baseFile ?? revision;
  const own = given === undefined ? await readOwn() : { sdl: await readFile(given, 'utf8'), faults: [] };
  const after = consumerSchema(own.sdl);
  const faults = [...own.faults];
  if (given === undefined) faults.push(...(await checkOperations(resolve(repositoryRoot, 'schema/operations'), after)));
  const baseSdl = baseFile === undefined ? await readAtRevision(revision) : await readFile(baseFile, 'utf8');
  if (baseSdl === undefined) {
    process.stdout.write(`no supergraph at ${base}: nothing that could break\n`);
    return faults;
  }
  const { lines, breaking } = await checkBreaking({ before: consumerSchema(baseSdl), after }, usage);
  for (const line of lines) process.stdout.write(`${line}\n`);
  if (breaking > 0 && !allowBreaking) {
    const whom = usage === undefined ? '' : ' that clients would feel';
    faults.push(`${breaking} breaking change(s)${whom} against ${base}; --allow-breaking accepts them`);
  }
  return faults;
}

/** Loading all subgraphs takes a while: only where they are checked. */
async function readOwn(): Promise<OwnSupergraph> {
  const { readOwnSupergraph } = await import('./own-supergraph.js');
  return readOwnSupergraph();
}

async function readAtRevision(revision: string): Promise<string | undefined> {
  try {
    const options = { cwd: repositoryRoot, maxBuffer: 64 * 1024 * 1024 };
    return (await promisify(execFile)('git', ['show', `${revision}:${supergraphFile}`], options)).stdout;
  } catch {
    // The file, or the revision, is not there: a first commit, or a tree without git.
    return undefined;
  }
}
