import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { checkOperations } from './check-operations.js';
import { consumerSchema } from './consumer-schema.js';
import { printSubgraph, readRoverConfig, repositoryRoot, supergraphFile } from './subgraphs.js';
import { composeSupergraph } from './supergraph.js';

/**
 * Fails when a committed schema file is not what the code says, when registered operations do not run on the schema, and
 * when consumers of the base revision would break.
 * The base is a git revision, `SCHEMA_BASE` or HEAD. `--allow-breaking` turns breaking changes into warnings.
 */
const faults: string[] = [];
const committed = (file: string): Promise<string> => readFile(resolve(repositoryRoot, file), 'utf8').catch(() => '');

const subgraphs = await Promise.all(
  (await readRoverConfig()).map(async ({ name, url, file }) => {
    const sdl = await printSubgraph(name);
    if (sdl !== (await committed(file))) faults.push(`${file} is stale: run npm run schema:print`);
    return { name, url, sdl };
  }),
);
const supergraphSdl = composeSupergraph(subgraphs);
if (supergraphSdl !== (await committed(supergraphFile))) {
  faults.push(`${supergraphFile} is stale: run npm run schema:compose`);
}

faults.push(...(await checkOperations(resolve(repositoryRoot, 'schema/operations'), consumerSchema(supergraphSdl))));

const base = process.env['SCHEMA_BASE'] ?? 'HEAD';
const baseSdl = await readAtRevision(base, supergraphFile);
if (baseSdl === undefined) {
  process.stdout.write(`no supergraph at ${base}: nothing that could break\n`);
} else {
  const changes = await diff(consumerSchema(baseSdl), consumerSchema(supergraphSdl));
  for (const { message, path, criticality } of changes) {
    process.stdout.write(`${criticality.level.toLowerCase()}: ${message} (${path ?? 'schema'})\n`);
  }
  const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  if (breaking.length > 0 && !process.argv.includes('--allow-breaking')) {
    faults.push(`${breaking.length} breaking change(s) against ${base}; --allow-breaking accepts them`);
  }
}

for (const fault of faults) process.stderr.write(`error: ${fault}\n`);
if (faults.length > 0) process.exitCode = 1;
else process.stdout.write('schema is fresh and breaks nobody\n');

async function readAtRevision(revision: string, file: string): Promise<string | undefined> {
  try {
    const options = { cwd: repositoryRoot, maxBuffer: 64 * 1024 * 1024 };
    return (await promisify(execFile)('git', ['show', `${revision}:${file}`], options)).stdout;
  } catch {
    // The file, or the revision, is not there: a first commit, or a tree without git.
    return undefined;
  }
}
