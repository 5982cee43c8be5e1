import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { authSubgraph } from '@tessera/auth/subgraph';
import type { Subgraph } from '@tessera/service/subgraph';
import { storageSubgraph } from '@tessera/storage/subgraph';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { userSubgraph } from '@tessera/user/subgraph';
import { parse } from 'yaml';
import { z } from 'zod';
import { repositoryRoot } from './repository.js';

export const subgraphs: readonly Subgraph[] = [
  authSubgraph,
  tenantSubgraph,
  userSubgraph,
  storageSubgraph,
  analyticsSubgraph,
];

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
  const config = roverSchema.parse(parse(await readFile(resolve(repositoryRoot, 'rover.yaml'), 'utf8')));
  return Object.entries(config.subgraphs).map(([name, { routing_url: url, schema }]) => ({
    name,
    url,
    file: schema.file,
  }));
}

/** The SDL of one subgraph as its code is now. */
export async function printSubgraph(name: string): Promise<string> {
  const subgraph = subgraphs.find((candidate) => candidate.name === name);
  if (subgraph === undefined) throw new Error(`rover.yaml names subgraph ${name}, which does not exist`);
  return (await subgraph.buildSchema()).sdl;
}
