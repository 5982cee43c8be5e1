import { resolve } from 'node:path';

/** The folder of the whole repository: processes of the platform are started there. */
export const repositoryRoot = resolve(import.meta.dirname, '../..');
