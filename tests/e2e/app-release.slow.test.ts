import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse, print, visit } from 'graphql';
import { generateManifest, type GeneratedManifest } from '../gateway/support/sample-app.js';
import { eventually } from '../support/eventually.js';
import { sendBody } from '../support/graphql-client.js';
import { startLocalMode, type LocalMode } from '../support/local-mode.js';
import { startPlatformProcess } from '../support/platform-process.js';
import { repositoryRoot } from '../support/repository-root.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const demo = { email: 'demo@tessera.local', password: 'demo-password' };
const credentials = { TESSERA_EMAIL: demo.email, TESSERA_PASSWORD: demo.password };
const supergraphFile = join(repositoryRoot, 'schema/supergraph.graphql');
const clientName = 'phone';

/** Nothing runs that is not registered, from the first start on. */
const environment = {
  PERSISTED_OPERATIONS: 'safelist',
  SUPER_ADMIN_EMAILS: demo.email,
  FIELD_USAGE_INTERVAL_MS: '100',
};

let local: LocalMode;
let workspace: string;
let manifest: GeneratedManifest;
let manifestFile: string;
beforeAll(async () => {
  workspace = await temporaryFolder('app-release');
  manifest = await generateManifest(workspace, 'platform-app');
  manifestFile = join(workspace, 'app/persisted-query-manifest.json');
  local = await startLocalMode({ withDemo: true, environment });
}, 120_000);
afterAll(async () => {
  await local?.remove();
  await rm(workspace, { recursive: true, force: true });
});

/** Runs what an npm script of the repository runs. */
async function run(script: string, commandLine: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const started = startPlatformProcess(`schema/dist/${script}.js`, commandLine, variables);
  const { code } = await started.ended;
  return { code, output: started.output() };
}

const publish = (...commandLine: string[]) =>
  run(
    'publish-operations',
    ['--url', `${local.origin}/graphql`, '--client-name', clientName, ...commandLine],
    credentials,
  );

/** What the app's operations answer. */
interface AppAnswer {
  readonly data?: { readonly signIn?: { readonly tokens: { readonly accessToken: string } } };
  readonly errors?: readonly object[];
}

/** Sends an operation of a manifest by its id. */
async function askById(operations: GeneratedManifest['operations'], name: string, variables = {}, token?: string) {
  const id = operations.find((operation) => operation.name === name)?.id;
  const response = await fetch(`${local.origin}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'apollographql-client-name': clientName,
      'apollographql-client-version': '1.0',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ documentId: id, variables }),
    signal: AbortSignal.timeout(30_000),
  });
  return (await response.json()) as AppAnswer;
}

async function signIn(): Promise<string> {
  const own = JSON.parse(await readFile(join(repositoryRoot, 'schema/operations/tessera-cli.json'), 'utf8'));
  const { data } = await askById(own.operations, 'SignIn', { input: demo });
  const token = data?.signIn?.tokens.accessToken;
  if (token === undefined) throw new Error('Nobody was signed in');
  return token;
}

test('the first start makes the demo, though its operations are not registered, and refuses them from anybody else', async () => {
  expect(await signIn()).toEqual(expect.any(String));

  const { code } = await sendBody(local.origin, JSON.stringify({ query: '{ me { id } }' }));

  expect(code).toBe('PERSISTED_QUERY_NOT_IN_LIST');
  expect(local.output()).not.toMatch(/"level":(50|60|"error"|"fatal")/);
});

test('operations:publish registers what a release was built with, and it runs at once', async () => {
  const token = await signIn();
  expect((await askById(manifest.operations, 'Profile', {}, token)).errors).toMatchObject([
    { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
  ]);

  const version = ['--manifest', manifestFile, '--client-version', '1.0'];
  expect(await publish(...version, '--dry-run')).toEqual({
    code: 0,
    output: '3 operations (apollo): the manifest is good\n',
  });
  expect(await publish(...version)).toEqual({
    code: 0,
    output: 'phone 1.0: 3 operations are registered (revision 1)\n',
  });

  await eventually(async () => (await askById(manifest.operations, 'Profile', {}, token)).errors === undefined);
  expect(await askById(manifest.operations, 'Profile', {}, token)).toMatchObject({
    data: { me: { displayName: 'Dana Demo', email: demo.email } },
  });
  // A pipeline that runs again changes nothing.
  expect((await publish(...version)).output).toContain('(revision 1)');
}, 120_000);

test('operations:publish says everything that speaks against a manifest, and who may not publish', async () => {
  const broken = join(workspace, 'broken.json');
  await writeFile(broken, JSON.stringify({ ...manifest, operations: [{ ...manifest.operations[0], body: '{' }] }));

  const refused = await publish('--manifest', broken, '--client-version', '2.0');
  const nobody = await run('publish-operations', [
    ...['--url', `${local.origin}/graphql`, '--client-name', clientName],
    ...['--manifest', manifestFile, '--client-version', '2.0'],
  ]);

  const misspelt = join(workspace, 'misspelt.json');
  const body = 'query Misspelt { me { displayNam } }';
  const operation = { id: createHash('sha256').update(body).digest('hex'), name: 'Misspelt', type: 'query', body };
  await writeFile(misspelt, JSON.stringify({ ...manifest, operations: [operation] }));
  const notRunning = await publish('--manifest', misspelt, '--client-version', '2.0', '--dry-run');

  const nowhere = ['--manifest', manifestFile, '--client-version', '2.0', '--url', 'http://127.0.0.1:1/graphql'];
  const unreached = await publish(...nowhere);

  expect(unreached.code).toBe(1);
  expect(unreached.output).toMatch(/^No platform answers at http:\/\/127\.0\.0\.1:1\/graphql: .*--url/);
  expect(notRunning.code).toBe(1);
  expect(notRunning.output).toContain('Misspelt: Cannot query field "displayNam" on type "User"');
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('its id is not the SHA-256 of its text');
  expect(nobody.code).toBe(1);
  expect(nobody.output).toContain('TESSERA_TOKEN');
}, 60_000);

/** Writes a supergraph in which fields are gone. @param coordinates `Type.field` */
async function supergraphWithout(...coordinates: readonly string[]): Promise<string> {
  const before = parse(await readFile(supergraphFile, 'utf8'));
  const after = visit(before, {
    FieldDefinition(field, _key, _parent, _path, ancestors) {
      const owner = ancestors.at(-1);
      const typeName = owner !== undefined && 'name' in owner ? owner.name?.value : undefined;
      return coordinates.includes(`${typeName}.${field.name.value}`) ? null : undefined;
    },
  });
  const file = join(workspace, `without-${coordinates.join('-')}.graphql`);
  await writeFile(file, print(after));
  return file;
}

const check = async (supergraph: string, usage: string, variables = {}) =>
  run('check', ['--base', supergraphFile, '--supergraph', supergraph, '--usage', usage], variables);

test('schema:check names the clients that a change would break, by a running platform or by an export of it', async () => {
  const url = `${local.origin}/graphql`;
  const token = await signIn();
  await askById(manifest.operations, 'Profile', {}, token);
  const exported = join(workspace, 'usage.json');
  await eventually(async () => {
    const { code, output } = await run('export-usage', ['--url', url, '--out', exported], credentials);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('uses of the last 30 days') });
    return (await readFile(exported, 'utf8')).includes('"User.email"');
  }, 60_000);
  const used = await supergraphWithout('User.email', 'User.timeZone');
  const unused = await supergraphWithout('User.timeZone');

  for (const [place, variables] of [
    [url, credentials],
    [exported, {}],
  ] as const) {
    const broken = await check(used, place, variables);
    expect(broken.output).toMatch(
      /breaking: Field 'email' was removed .*\(User\.email\)\n {4}phone 1\.0: \d+ uses, last \d{4}-\d\d-\d\d \(Profile\)\n/,
    );
    expect(broken.output).toMatch(/\(User\.timeZone\)\n {4}nobody has used it in the last 30 days\n/);
    expect(broken.output).toContain('1 breaking change(s) that clients would feel');
    expect(broken.code).toBe(1);

    const safe = await check(unused, place, variables);
    expect(safe.output).toContain('nobody has used it in the last 30 days');
    expect(safe.code).toBe(0);
  }
}, 240_000);

test('schema:check does not take the silence of a platform that has counted nothing for consent', async () => {
  const empty = join(workspace, 'empty.json');
  const exportedAt = new Date().toISOString();
  await writeFile(
    empty,
    JSON.stringify({ format: 'tessera-field-usage', version: 1, exportedAt, days: 30, usage: [] }),
  );

  const { code, output } = await check(await supergraphWithout('User.timeZone'), empty);

  expect(code).toBe(1);
  expect(output).toContain('knows of no use at all');
}, 60_000);
