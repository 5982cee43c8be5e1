import { hash as digest, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { encodePrincipal, servicePrincipal, signPrincipal, type Principal } from '@tessera/service/identity';
import { publishedManifestsChannel, publishedManifestsPath } from '@tessera/service/operations';
import { queryAs } from '../../support/sql-session.js';
import {
  aUser,
  anonymous,
  principalSecret,
  startSubgraphHarness,
  type SubgraphHarness,
} from '../../support/subgraph-harness.js';
import { aTenant, codeOf } from './analytics-client.js';

const query = 'query Names { people { name } }';
const other = 'query Ids { people { id } }';
const sha256 = (text: string): string => digest('sha256', text);
const admin: Principal & { readonly userId: string } = { ...aUser(), roles: ['SUPER_ADMIN'] };

let harness: SubgraphHarness;
beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph);
}, 60_000);
afterAll(() => harness.stop());

const fields = 'id clientName clientVersion revision state format sha256 operationCount publishedBy { id } endedAt';
const publish = (manifest: unknown, version: object = {}, principal: Principal = admin) =>
  harness.request(
    principal,
    `mutation ($input: PublishOperationManifestInput!) { publishOperationManifest(input: $input) { ${fields} } }`,
    { input: { clientName: 'ios', clientVersion: '1.0', manifest, ...version } },
  );
const withdraw = (clientName: string, clientVersion: string, principal: Principal = admin) =>
  harness.request(
    principal,
    'mutation ($input: WithdrawOperationManifestInput!) { withdrawOperationManifest(input: $input) { state } }',
    { input: { clientName, clientVersion } },
  );

async function ask(suffix = '', principal: Principal = servicePrincipal()) {
  const signed = { audience: 'analytics', method: 'GET', path: `${publishedManifestsPath}${suffix}`, body: '' };
  const caller = { principal: encodePrincipal(principal) };
  const headers = { ...signPrincipal(principalSecret, signed, caller, Date.now()) };
  const response = await fetch(`${harness.url}${publishedManifestsPath}${suffix}`, { headers });
  return { status: response.status, body: (await response.json()) as unknown };
}
const activeOf = async (clientName: string) => {
  const { manifests } = (await ask()).body as {
    manifests: { id: string; clientName: string; clientVersion: string }[];
  };
  return manifests.filter((manifest) => manifest.clientName === clientName);
};

test('a manifest is published for a version, whichever tool wrote it, and given to gateways, who are told to ask', async () => {
  const announcements = harness.pubSub.subscribe(publishedManifestsChannel);
  await announcements.ready;
  const apollo = {
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: [{ id: sha256(query), name: 'Names', type: 'query', body: query }],
  };

  const first = await publish(apollo, { clientName: 'shapes', clientVersion: 'apollo' });
  const second = await publish(JSON.stringify([['relay-1', query]]), { clientName: 'shapes', clientVersion: 'relay' });

  expect(first.errors).toBeUndefined();
  expect(first.data.publishOperationManifest).toEqual({
    id: expect.any(String),
    clientName: 'shapes',
    clientVersion: 'apollo',
    revision: 1,
    state: 'ACTIVE',
    format: 'apollo',
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    operationCount: 1,
    publishedBy: { id: admin.userId },
    endedAt: null,
  });
  expect(second.data.publishOperationManifest.format).toBe('relay-pairs');
  expect((await announcements.next()).done).toBe(false);
  const [one, two] = await activeOf('shapes');
  expect([one?.clientVersion, two?.clientVersion]).toEqual(['apollo', 'relay']);
  expect((await ask(`/${one?.id}`)).body).toEqual({ [sha256(query)]: query });
  expect((await ask(`/${two?.id}`)).body).toEqual({ 'relay-1': query });
  await announcements.close();
});

test('versions live side by side; publishing one again replaces it alone, and the same again changes nothing', async () => {
  const version = { clientName: 'android', clientVersion: '1.0' };
  await publish({ a: query }, version);
  await publish({ a: query, b: other }, { ...version, clientVersion: '1.1' });
  const same = await publish([['a', query]], version);
  const replaced = await publish({ a: other }, version);

  expect(same.data.publishOperationManifest.revision).toBe(1);
  expect(replaced.data.publishOperationManifest.revision).toBe(2);
  expect((await activeOf('android')).map(({ clientVersion }) => clientVersion).sort()).toEqual(['1.0', '1.1']);
  const history = await harness.request(
    admin,
    `{ operationManifests(clientName: "android", clientVersion: "1.0") { totalCount nodes { revision state endedAt operations { id name body } } } }`,
  );
  expect(history.data.operationManifests).toEqual({
    totalCount: 2,
    nodes: [
      { revision: 2, state: 'ACTIVE', endedAt: null, operations: [{ id: 'a', name: 'Ids', body: other }] },
      {
        revision: 1,
        state: 'REPLACED',
        endedAt: expect.any(String),
        operations: [{ id: 'a', name: 'Names', body: query }],
      },
    ],
  });
});

test('a version that is withdrawn is no longer given to gateways, and may be published anew', async () => {
  const version = { clientName: 'watch', clientVersion: '1.0' };
  await publish({ a: query }, version);

  expect((await withdraw('watch', '1.0')).data.withdrawOperationManifest.state).toBe('WITHDRAWN');
  expect(await activeOf('watch')).toEqual([]);
  expect(codeOf(await withdraw('watch', '1.0'))).toBe('NOT_FOUND');

  expect((await publish({ a: query }, version)).data.publishOperationManifest).toMatchObject({ revision: 2 });
});

test('a bad manifest is refused with all its reasons, and the one before stays', async () => {
  const version = { clientName: 'bad', clientVersion: '1.0' };
  await publish({ a: query }, version);

  const answer = await publish({ a: query, b: 'query {', [sha256('x')]: other }, version);

  expect(codeOf(answer)).toBe('BAD_USER_INPUT');
  expect(answer.errors?.[0]?.extensions.details).toEqual({
    fields: [
      { field: 'manifest', reason: expect.stringMatching(/operation b: Syntax Error/) },
      { field: 'manifest', reason: expect.stringMatching(/not the SHA-256 of its text/) },
    ],
  });
  expect(await activeOf('bad')).toHaveLength(1);
});

test.each([
  ['an operation of another client', { clientName: 'web' }, {}],
  ['no name of a client', {}, { clientName: ' ' }],
  ['a version with a line break', {}, { clientVersion: '1\n2' }],
  ['a name of 65 characters', {}, { clientName: 'x'.repeat(65) }],
])('%s is refused', async (_name, operation, version) => {
  const operations = [{ id: 'a', name: 'Names', type: 'query', body: query, ...operation }];

  const answer = await publish({ format: 'apollo-persisted-query-manifest', version: 1, operations }, version);

  expect(codeOf(answer)).toBe('BAD_USER_INPUT');
});

test('many that publish the same version at once leave one in use, and no revision twice', async () => {
  const version = { clientName: 'race', clientVersion: '1.0' };

  const answers = await Promise.all(
    Array.from({ length: 8 }, (_value, index) => publish({ [`op-${index}`]: query }, version)),
  );

  expect(answers.map(({ data }) => data.publishOperationManifest.revision).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(await activeOf('race')).toHaveLength(1);
});

describe('who may', () => {
  const { admin: tenantAdmin } = aTenant();
  const someone = aUser();

  test.each([
    ['an anonymous caller', anonymous, 'UNAUTHENTICATED'],
    ['a person', someone, 'FORBIDDEN'],
    ['an administrator of a tenant', tenantAdmin, 'FORBIDDEN'],
  ])('%s may neither see nor change anything', async (_name, principal, code) => {
    const operations = [
      '{ operationManifests { nodes { id } } }',
      `{ operationManifest(id: "${randomUUID()}") { id } }`,
      '{ operationUsage { nodes { uses } } }',
    ];
    for (const operation of operations) expect(codeOf(await harness.request(principal, operation))).toBe(code);
    expect(codeOf(await publish({ a: query }, {}, principal))).toBe(code);
    expect(codeOf(await withdraw('ios', '1.0', principal))).toBe(code);
  });

  test('only gateways are given manifests', async () => {
    expect((await ask('', admin)).status).toBe(403);
    expect((await fetch(`${harness.url}${publishedManifestsPath}`)).status).toBe(401);
    expect((await ask(`/${randomUUID()}`)).status).toBe(404);
    expect((await ask('/nonsense')).status).toBe(404);
  });

  test.each(['operation_document', 'operation_manifest', 'manifest_operation', 'operation_use_day'])(
    'rows of %s are for services, whatever tenant asks',
    async (table) => {
      const sql = `select * from ${table}`;

      expect(await queryAs(harness.databaseUrl, {}, sql)).toEqual([]);
      expect(await queryAs(harness.databaseUrl, { tenantId: randomUUID() }, sql)).toEqual([]);
    },
  );
});

test('the operations of many manifests are read by one query', async () => {
  for (const clientVersion of ['1', '2', '3']) await publish({ a: query }, { clientName: 'many', clientVersion });
  harness.forgetQueries();

  await harness.request(admin, '{ operationManifests(clientName: "many") { nodes { operations { id } } } }');

  expect(harness.queries.filter((sql) => sql.includes('manifest_operation'))).toHaveLength(1);
});
