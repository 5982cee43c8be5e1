import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parse } from 'graphql';

/** A subgraph as composition takes it. */
export interface SubgraphText {
  readonly name: string;
  readonly url: string;
  readonly typeDefs: string;
}

/** Where the suites of one run of jest share files (`run-folder.mjs`). */
const runFolder = process.env['TESSERA_RUN_FOLDER'];

/**
 * Composes subgraphs with Apollo's composition. What another test of the run has composed already, but for its addresses,
 * is not composed again: loading the library and composing two small subgraphs take a fifth of a second.
 *
 * @returns the supergraph's SDL
 * @throws Error with the faults of composition
 */
export function composeSubgraphs(subgraphs: readonly SubgraphText[]): string {
  const placed = subgraphs.map((subgraph, index) => ({ ...subgraph, url: `http://place-${index}.invalid/` }));
  const supergraphSdl = composeOnce(placed);
  return subgraphs.reduce(
    (sdl, { url }, index) => sdl.replaceAll(`"${placed[index]?.url}"`, () => JSON.stringify(url)),
    supergraphSdl,
  );
}

function composeOnce(subgraphs: readonly SubgraphText[]): string {
  if (runFolder === undefined) return compose(subgraphs);
  const kept = join(runFolder, `${createHash('sha256').update(JSON.stringify(subgraphs)).digest('hex')}.graphql`);
  if (existsSync(kept)) return readFileSync(kept, 'utf8');
  const supergraphSdl = compose(subgraphs);
  const written = join(runFolder, randomUUID());
  writeFileSync(written, supergraphSdl);
  renameSync(written, kept);
  return supergraphSdl;
}

function compose(subgraphs: readonly SubgraphText[]): string {
  const library = createRequire(import.meta.url)('@apollo/composition') as typeof import('@apollo/composition');
  const { supergraphSdl, errors } = library.composeServices(
    subgraphs.map(({ typeDefs, ...subgraph }) => ({ ...subgraph, typeDefs: parse(typeDefs) })),
  );
  if (supergraphSdl === undefined) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return supergraphSdl;
}
