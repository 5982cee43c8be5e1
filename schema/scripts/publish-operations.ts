import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ManifestFault, parseManifest } from '@tessera/service/operations';
import { z } from 'zod';
import { operationFaults } from './check-operations.js';
import { consumerSchema } from './consumer-schema.js';
import { credentialsUsage, openPlatform } from './platform-client.js';
import { repositoryRoot, supergraphFile } from './repository.js';

const usage = `npm run operations:publish -- --manifest FILE --client-name NAME --client-version VERSION [--url URL]
  [--supergraph FILE] [--dry-run]

  Registers what one version of a client was built with. Its operations have to run on the supergraph: this repository's, or
  that of --supergraph. ${credentialsUsage}
`;

const publishedSchema = z.object({
  publishOperationManifest: z.object({ revision: z.number(), operationCount: z.number() }),
});

try {
  process.stdout.write(`${await publish()}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof ManifestFault ? error.reasons.join('\n') : (error as Error).message}\n`);
  process.exitCode = 1;
}

async function publish(): Promise<string> {
  const { manifest: file, name: clientName, version: clientVersion, url, supergraph, isDry } = readCommandLine();
  const manifest = await readFile(file, 'utf8');
  const { operations, format } = await parseManifest(manifest);
  const faults = operationFaults(operations, consumerSchema(await readFile(supergraph, 'utf8')));
  if (faults.length > 0)
    throw new ManifestFault([...faults, `Of another supergraph than ${supergraph}: --supergraph FILE`]);
  if (isDry) return `${operations.length} operations (${format}): the manifest is good`;
  const send = await openPlatform(url, process.env);
  const input = { clientName, clientVersion, manifest };
  const { publishOperationManifest: published } = publishedSchema.parse(
    await send('PublishOperationManifest', { input }),
  );
  const { revision, operationCount } = published;
  return `${clientName} ${clientVersion}: ${operationCount} operations are registered (revision ${revision})`;
}

function readCommandLine() {
  const options = {
    manifest: { type: 'string' },
    'client-name': { type: 'string' },
    'client-version': { type: 'string' },
    url: { type: 'string', default: 'http://localhost:4000/graphql' },
    supergraph: { type: 'string', default: resolve(repositoryRoot, supergraphFile) },
    'dry-run': { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ options });
  const { manifest, 'client-name': name, 'client-version': version, url, supergraph, 'dry-run': isDry } = values;
  if (manifest === undefined || name === undefined || version === undefined) throw new Error(usage);
  return { manifest, name, version, url, supergraph, isDry };
}
