import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { send, type GraphqlRequest } from '../../support/graphql-client.js';
import type { CallerName } from './field-case.js';
import { mark, type World } from './world.js';

/** Lists that go on behind a cursor; each answers `list`. */
const pagedLists = [
  'list: files(first: 2, after: $after)',
  'list: alerts(first: 2, after: $after)',
  'list: alertRules(first: 2, after: $after)',
  'list: auditLog(first: 2, after: $after)',
  'list: apiKeys(first: 2, after: $after)',
  'list: notifications(first: 2, after: $after)',
  'list: users(first: 2, after: $after)',
  'list: users(search: "ad", first: 2, after: $after)',
] as const;

/** What is no id, and means all or anything elsewhere. */
const wildcards = [
  '*',
  '%',
  '_',
  '',
  '{}',
  '$ne',
  'null',
  '../',
  "' or '1'='1",
  '00000000-0000-0000-0000-000000000000',
];

const byId = [
  'query ($id: ID!) { found: file(id: $id) { id name } }',
  'query ($id: ID!) { found: alert(id: $id) { id } }',
  'query ($id: ID!) { found: tenant(id: $id) { id name } }',
  'query ($id: ID!) { found: erasure(id: $id) { id } }',
  'query ($id: ID!) { found: dataExport(id: $id) { id } }',
  'mutation ($id: ID!) { found: deleteFile(id: $id) { id } }',
  'mutation ($id: ID!) { found: revokeApiKey(id: $id) { id } }',
  'mutation ($id: ID!) { found: deactivateMember(userId: $id) { role } }',
] as const;

/** What the matrix does not send: things of one tenant in places where an id is not asked for. */
export function defineAttacks(world: () => World, origin: () => string): void {
  const sendAs = (caller: CallerName, request: Omit<GraphqlRequest, 'token'>) =>
    send(origin(), { ...request, token: world().authorization(caller)?.replace('Bearer ', '') });
  const showsTenant = (answer: unknown): boolean => {
    const text = JSON.stringify(answer);
    return [mark, ...Object.values(world().things)].some((secret) => secret !== '' && text.includes(secret));
  };

  describe('a stranger', () => {
    test.each(pagedLists)('sees nothing behind a cursor of the tenant in %s', async (list) => {
      const query = `query ($after: String) { ${list} { edges { cursor node { __typename } } totalCount } }`;
      const own = await sendAs('admin', { query });
      const cursor: string = own.data.list.edges[0].cursor;
      const ids = query.replace('__typename', 'id');

      const [stolen, broken] = [
        await sendAs('stranger', { query: ids, variables: { after: cursor } }),
        await sendAs('stranger', { query: ids, variables: { after: `${cursor.slice(0, -3)}AAA` } }),
      ];

      expect(own.data.list.edges.length).toBeGreaterThan(0);
      expect([showsTenant(stolen.data), showsTenant(broken.data)]).toEqual([false, false]);
      expect([stolen.code, broken.code]).not.toContain('INTERNAL_SERVER_ERROR');
      // How many there are is told of the stranger's own list, whatever the cursor.
      const { data } = await sendAs('stranger', { query: ids });
      expect(stolen.data.list.totalCount).toBe(data.list.totalCount);
    });

    test.each(byId)('finds nothing by what is no id: %s', async (query) => {
      const answers = await Promise.all(wildcards.map((id) => sendAs('stranger', { query, variables: { id } })));

      for (const { data, code } of answers) {
        expect(data?.found ?? null).toBeNull();
        expect(code).toMatch(/^(NOT_FOUND|BAD_USER_INPUT)$/);
      }
    });

    test('reaches no entity past the graph that clients are given', async () => {
      const { fileId, tenantId } = world().things;
      const representations = [
        { __typename: 'File', id: fileId },
        { __typename: 'Tenant', id: tenantId },
      ];
      const queries = [
        'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }',
        '{ _service { sdl } }',
        `{ node(id: "${fileId}") { id } }`,
      ];

      const answers = await Promise.all(
        queries.map((query) => sendAs('stranger', { query, variables: { representations } })),
      );

      expect(answers.map(({ code }) => code)).toEqual(queries.map(() => 'GRAPHQL_VALIDATION_FAILED'));
      expect(showsTenant(answers.map(({ errors }) => errors?.map(({ message }) => message)))).toBe(false);
    });

    test('who knows the hash of the tenant’s query gets by it what is the stranger’s own', async () => {
      const query = `query Known${randomUUID().slice(0, 8)} { tenant { id name } files(first: 5) { nodes { id name } } }`;
      const sha256Hash = createHash('sha256').update(query).digest('hex');
      const extensions = { persistedQuery: { version: 1, sha256Hash } };
      const registered = await sendAs('admin', { query, extensions });

      const answers = await Promise.all([1, 2, 3].map(() => sendAs('stranger', { extensions })));

      expect(registered.data.tenant.id).toBe(world().things.tenantId);
      for (const answer of answers) {
        expect(answer.data.tenant.name).toBe('Stranger Ltd');
        expect(showsTenant(answer.data)).toBe(false);
      }
    });

    test('learns of no message id of the tenant that it was sent', async () => {
      const query = 'mutation ($input: TrackInput!) { track(input: $input) { accepted duplicates } }';
      const variables = { input: { events: [{ name: 'attack.tried', messageId: randomUUID() }] } };

      const [first, again] = [await sendAs('admin', { query, variables }), await sendAs('admin', { query, variables })];
      const stranger = await sendAs('stranger', { query, variables });

      expect([first, again, stranger].map(({ data }) => data.track)).toEqual([
        { accepted: 1, duplicates: 0 },
        { accepted: 0, duplicates: 1 },
        { accepted: 1, duplicates: 0 },
      ]);
    });

    test.each(['tenantId', 'tenant_id', 'userId; drop table event'])(
      'cannot measure by the dimension %s',
      async (dimension) => {
        const query = 'query ($query: MetricsQuery!) { metrics(query: $query) { rows { measures { value } } } }';
        const range = { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date().toISOString() };
        const { tenantId } = world().things;
        const asked = [
          { dimensions: [dimension] },
          { filters: [{ dimension, operator: 'EQUALS', values: [tenantId] }] },
        ].map((more) => ({ measures: [{ kind: 'COUNT' }], range, ...more }));

        const answers = await Promise.all(
          asked.map((each) => sendAs('stranger', { query, variables: { query: each } })),
        );

        expect(answers.map(({ code }) => code)).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
      },
    );
  });
}
