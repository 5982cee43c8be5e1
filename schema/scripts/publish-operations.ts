import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ManifestFault, parseManifest, type ManifestOperation } from '@tessera/service/operations';
import { z } from 'zod';
import { repositoryRoot } from './subgraphs.js';

const usage = `npm run operations:publish -- --manifest FILE --client-name NAME --client-version VERSION [--url URL] [--dry-run]

  Registers what one version of a client was built with. Who publishes needs the role SUPER_ADMIN:
  TESSERA_TOKEN is an access token, or TESSERA_EMAIL and TESSERA_PASSWORD sign in.
`;

/** Its own operations are registered as well, or a gateway that lets nothing else run could not be told anything. */
const ownManifest = resolve(repositoryRoot, 'schema/operations/tessera-cli.json');
const timeoutMs = 60_000;

const answerSchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});
const signedInSchema = z.object({ signIn: z.object({ tokens: z.object({ accessToken: z.string() }) }) });
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
  const { operations: own } = await parseManifest(await readFile(ownManifest, 'utf8'));
  const send = createSender(url, own);
  const token = process.env['TESSERA_TOKEN'] ?? (await signIn(send));
  const input = { clientName, clientVersion, manifest };
  const { publishOperationManifest: published } = publishedSchema.parse(
    await send('PublishOperationManifest', { input }, token),
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

type Send = (operation: string, variables: object, token?: string) => Promise<unknown>;

function createSender(url: string, operations: readonly ManifestOperation[]): Send {
  return async (name, variables, token) => {
    const operation = operations.find((candidate) => candidate.name === name);
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'apollographql-client-name': 'tessera-cli',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ documentId: operation?.id, query: operation?.body, operationName: name, variables }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { data, errors = [] } = answerSchema.parse(await response.json());
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
    return data;
  };
}

async function signIn(send: Send): Promise<string> {
  const { TESSERA_EMAIL: email, TESSERA_PASSWORD: password } = process.env;
  if (email === undefined || password === undefined) throw new Error(usage);
  return signedInSchema.parse(await send('SignIn', { input: { email, password } })).signIn.tokens.accessToken;
}
