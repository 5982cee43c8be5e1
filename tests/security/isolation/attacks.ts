import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { openRawSocket, type RawSocket } from '../../gateway/support/raw-socket.js';
import type { CallerName } from './field-case.js';
import { mark, type Attacked } from './world.js';

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
  'mutation ($id: ID!) { found: updateFile(input: { id: $id, name: "theirs" }) { id } }',
  'mutation ($id: ID!) { found: deleteFile(id: $id) { id } }',
  'mutation ($id: ID!) { found: revokeApiKey(id: $id) { id } }',
  'mutation ($id: ID!) { found: deactivateMember(userId: $id) { role } }',
] as const;

/** What the matrix does not send: things of one tenant in places where an id is not asked for. */
export function defineAttacks({ sendAs, things, authorization, origin }: Attacked): void {
  const showsTenant = (answer: unknown): boolean => {
    const text = JSON.stringify(answer);
    return [mark, ...Object.values(things())].some((secret) => secret !== '' && text.includes(secret));
  };

  describe('a stranger', () => {
    test.each(byId)('finds nothing by what is no id: %s', async (query) => {
      const answers = await Promise.all(wildcards.map((id) => sendAs('stranger', { query, variables: { id } })));

      for (const { data, code } of answers) {
        expect(data?.found ?? null).toBeNull();
        expect(code).toMatch(/^(NOT_FOUND|BAD_USER_INPUT)$/);
      }
    });

    test('reaches no entity past the graph that clients are given', async () => {
      const { fileId, tenantId } = things();
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

      expect(registered.data.tenant.id).toBe(things().tenantId);
      for (const answer of answers) {
        expect(answer.data.tenant.name).toBe('Stranger Ltd');
        expect(showsTenant(answer.data)).toBe(false);
      }
    });

    test('goes on behind an id of the tenant’s alerts with the stranger’s own, or not at all', async () => {
      const socketUrl = `${origin().replace('http', 'ws')}/graphql`;
      const query = 'subscription { alerts { id status rule { name } tenant { id name } } }';
      const open = async (caller: CallerName, lastEventId: string | null): Promise<RawSocket> => {
        const socket = await openRawSocket(socketUrl);
        await socket.initialise({ authorization: authorization(caller) });
        socket.send({ id: 'a', type: 'subscribe', payload: { query, extensions: { lastEventId } } });
        return socket;
      };
      const admins = await open('admin', null);
      const { eventId } = ((await admins.next()).payload as { readonly extensions: { readonly eventId: string } })
        .extensions;
      admins.socket.terminate();

      for (const lastEventId of ['0', String(Number(eventId) + 100)]) {
        const { next, socket } = await open('stranger', lastEventId);
        const { payload } = await next();
        socket.terminate();

        expect(JSON.stringify(payload)).toContain(lastEventId === '0' ? 'Stranger Ltd' : 'PRECONDITION_FAILED');
        expect(showsTenant(payload)).toBe(false);
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
        const { tenantId } = things();
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
