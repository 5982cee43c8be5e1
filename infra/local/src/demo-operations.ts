import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseManifest } from '@tessera/service/operations';
import { createGraphqlClient } from './graphql-client.js';

/** What the demo sends is registered as well, or a gateway that lets nothing else run would refuse it. */
const manifestPath = resolve(import.meta.dirname, '../../../schema/operations/tessera-demo.json');
/** As whom the demo's operations are registered: the manifest's file says so. */
const clientName = 'tessera-demo';

/** Runs one of the demo's operations, by its name. @throws GraphqlRequestError for an answer with errors */
export type SendDemoOperation = <Data>(name: string, variables?: object) => Promise<Data>;

/** @returns how to send the demo's operations to a gateway: anonymously, or with an access token */
export async function loadDemoOperations(url: string): Promise<(accessToken?: string) => SendDemoOperation> {
  const { operations } = await parseManifest(await readFile(manifestPath, 'utf8'));
  return (accessToken) => {
    const request = createGraphqlClient(url, { accessToken, clientName });
    return (name, variables = {}) => {
      const operation = operations.find((candidate) => candidate.name === name);
      if (operation === undefined) throw new Error(`${manifestPath} has no operation ${name}`);
      return request(operation.body, variables, operation.id);
    };
  };
}
