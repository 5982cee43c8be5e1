import { resolve } from 'node:path';

export const repositoryRoot = resolve(import.meta.dirname, '../..');

/** Relative to the repository. */
export const supergraphFile = 'schema/supergraph.graphql';
