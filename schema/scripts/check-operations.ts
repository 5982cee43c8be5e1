import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ManifestFault, parseManifest, type ManifestOperation } from '@tessera/service/operations';
import { parse, validate, type GraphQLSchema } from 'graphql';

/**
 * Checks the manifests of a folder as gateways do, and their operations against a schema.
 *
 * @returns what is wrong, a line each
 */
export async function checkOperations(folder: string, schema: GraphQLSchema): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const faults: string[] = [];
  for (const file of files) {
    try {
      const { operations } = await parseManifest(await readFile(join(folder, file), 'utf8'));
      faults.push(...operationFaults(operations, schema).map((fault) => `${file}, ${fault}`));
    } catch (error) {
      if (!(error instanceof ManifestFault)) throw error;
      faults.push(...error.reasons.map((reason) => `${file}: ${reason}`));
    }
  }
  return faults;
}

/** @returns which operations do not run on a schema, and why, a line each */
export function operationFaults(operations: readonly ManifestOperation[], schema: GraphQLSchema): readonly string[] {
  return operations.flatMap(({ name, id, body }) => {
    const [error] = validate(schema, parse(body));
    return error === undefined ? [] : [`${name ?? id}: ${error.message}`];
  });
}
