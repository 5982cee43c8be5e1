import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { subgraphs as ownSubgraphs } from '@tessera/local/subgraphs';
import type { Subgraph } from '@tessera/service/subgraph';
import { parse } from 'yaml';
import { z } from 'zod';
import { repositoryRoot } from './repository.js';

const subgraphs: Readonly<Record<string, Subgraph>> = ownSubgraphs;

const roverSchema = z.object({
  subgraphs: z.record(z.string(), z.object({ routing_url: z.url(), schema: z.object({ file: z.string() }) })),
});

export interface SubgraphFile {
  readonly name: string;
  readonly url: string;
  /** Relative to the repository. */
  readonly file: string;
}

/** The subgraphs of `rover.yaml`: what is composed, here and by Rover. */
export async function readRoverConfig(): Promise<readonly SubgraphFile[]> {
  return parseRoverConfig(await readFile(resolve(repositoryRoot, 'rover.yaml'), 'utf8'));
}

/** @throws Error where a subgraph of this repository is missing: its fields would stand in no gateway */
export function parseRoverConfig(text: string): readonly SubgraphFile[] {
  const config = roverSchema.parse(parse(text));
  const missing = Object.keys(subgraphs).filter((name) => !Object.hasOwn(config.subgraphs, name));
  if (missing.length > 0) throw new Error(`rover.yaml does not name ${missing.join(', ')}`);
  return Object.entries(config.subgraphs).map(([name, { routing_url: url, schema }]) => ({
    name,
    url,
    file: schema.file,
  }));
}

/** The SDL of one subgraph as its code is now; undefined for one whose code is elsewhere. */
export async function printSubgraph(name: string): Promise<string | undefined> {
  return (await subgraphs[name]?.buildSchema())?.sdl;
}
