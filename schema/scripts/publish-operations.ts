import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ManifestFault, parseManifest } from '@tessera/service/operations';
import { z } from 'zod';
import { credentialsUsage, openPlatform } from './platform-client.js';

const usage = `npm run operations:publish -- --manifest FILE --client-name NAME --client-version VERSION [--url URL] [--dry-run]

  Registers what one version of a client was built with. ${credentialsUsage}
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
  const { manifest: file, name: clientName, version: clientVersion, url, isDry } = readCommandLine();
  const manifest = await readFile(file, 'utf8');
  const { operations, format } = await parseManifest(manifest);
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
    'dry-run': { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ options });
  const { manifest, 'client-name': name, 'client-version': version, url, 'dry-run': isDry } = values;
  if (manifest === undefined || name === undefined || version === undefined) throw new Error(usage);
  return { manifest, name, version, url, isDry };
}
