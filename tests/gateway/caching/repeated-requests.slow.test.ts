import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createInProcessEventBus } from '@tessera/service/events';
import { eventually } from '../../support/eventually.js';
import { quietLogger } from '../../support/leftovers.js';
import { startLibrary, type AskOptions, type Library, type LibraryGateway } from './library.js';

let library: Library;
let gateway: LibraryGateway;
beforeAll(async () => {
  library = await startLibrary();
  gateway = await library.open({ CORS_ORIGINS: 'https://app.example.test', FORWARD_HEADERS: 'accept-language' });
});
afterAll(() => library.close());
beforeEach(() => gateway.gateway.invalidate({ everything: true }));

const query = '{ book(id: "1") { id title } }';

/** Asks so often that the last ones go the shorter way. */
async function repeatedly(times: number, ask: () => ReturnType<LibraryGateway['ask']>) {
  const answers = [];
  for (let asked = 0; asked < times; asked += 1) answers.push(await ask());
  return answers;
}

describe.each(['GET', 'POST'] as const)('by %s', (method) => {
  const ask = (options: AskOptions = {}, at = gateway) => at.ask(query, { method, ...options });

  test('what comes again is answered as the first time, but for its id and its age', async () => {
    const ofEach = ['x-request-id', 'age', 'date', 'keep-alive', 'connection', 'x-cache'];
    const headersOf = ({ headers }: { readonly headers: Headers }) =>
      [...headers].filter(([name]) => !ofEach.includes(name)).sort();

    const [first, ...others] = await repeatedly(6, () => ask());

    for (const answer of others) {
      expect(answer.status).toBe(200);
      expect(answer.data).toEqual({ book: { id: '1', title: 'Dune' } });
      expect(answer.origin).toBe('hit');
      expect(headersOf(answer)).toEqual(first === undefined ? [] : headersOf(first));
    }
    expect(new Set(others.map(({ headers }) => headers.get('x-request-id'))).size).toBe(5);
  });

  test('each of them is counted as a request, an operation and a hit', async () => {
    const names = [
      ['http_requests_total', `method="${method}",status="200"`],
      ['graphql_operations_total', 'kind="query",outcome="ok"'],
      ['cache_hits_total', 'cache="answers"'],
    ] as const;
    const read = () => Promise.all(names.map(([name, labels]) => gateway.metric(name, labels)));
    await ask();
    const before = await read();

    await repeatedly(10, () => ask());

    expect(await read()).toEqual(before.map((count) => count + 10));
  });

  test('each of them is a use of its fields by its client', async () => {
    const reports: unknown[] = [];
    const eventBus = createInProcessEventBus({ logger: quietLogger() });
    const types = ['fields.used'];
    eventBus.subscribe({ consumer: 'test', types, handle: async ({ payload }) => void reports.push(payload) });
    const counted = await library.open({}, { eventBus });
    const headers = { 'apollographql-client-name': 'app', 'apollographql-client-version': '2.0' };

    const answers = await repeatedly(7, () => ask({ headers }, counted));
    await counted.gateway.stop();

    expect(answers.map(({ origin }) => origin)).toEqual(['miss', ...Array.from({ length: 6 }, () => 'hit')]);
    expect(reports).toMatchObject([{ uses: [{ clientName: 'app', clientVersion: '2.0', uses: 7 }] }]);
  });

  test('an invalidation bites at once', async () => {
    await repeatedly(5, () => ask());
    library.data.titles['1'] = 'New title';

    await gateway.gateway.invalidate({ entities: [{ type: 'Book', key: { id: '1' } }] });
    const answers = await repeatedly(5, () => ask());
    library.data.titles['1'] = 'Dune';

    for (const { data } of answers) expect(data).toEqual({ book: { id: '1', title: 'New title' } });
    expect(answers[0]?.origin).toBe('miss');
  });

  test('an answer whose time is over is asked for again', async () => {
    const fleeting = () => gateway.ask('{ fleeting }', { method });
    const [first] = await repeatedly(5, fleeting);

    await eventually(async () => (await fleeting()).data?.['fleeting'] !== first?.data?.['fleeting']);
  });

  test('other headers are other requests', async () => {
    const translated = (language: string) =>
      gateway.ask('{ translated }', { method, headers: { 'accept-language': language } });
    for (const language of ['de', 'fr', 'de', 'fr', 'de', 'fr']) {
      expect((await translated(language)).data).toEqual({ translated: `In ${language}` });
    }

    const own = { origin: 'https://app.example.test', 'apollo-require-preflight': 'true' };
    for (let asked = 0; asked < 4; asked += 1) {
      expect((await ask({ headers: own })).headers.get('access-control-allow-origin')).toBe('https://app.example.test');
      expect((await ask()).headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('who is signed in, and what is private, goes the whole way', async () => {
    const token = await library.signIn();
    await repeatedly(4, () => gateway.ask('{ greeting }', { method }));

    const own = await repeatedly(3, () => gateway.ask('{ greeting }', { method, token }));
    expect(own[0]?.origin).toBe('miss');
    for (const { data } of own) expect(data?.['greeting']).not.toBe('Hello nobody');

    const wrong = await gateway.ask(query, { method, token: 'not-a-token' });
    expect(wrong.status).toBe(401);
  });

  test('limits hold on the shorter way', async () => {
    const limited = await library.open({ RATE_LIMITS: 'production', RATE_LIMIT_ANONYMOUS: '1/s burst 8' });

    const answers = await repeatedly(14, () => ask({}, limited));

    const statuses = answers.map(({ status }) => status);
    expect(statuses.slice(0, 6)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(statuses.slice(10)).toEqual([429, 429, 429, 429]);
    expect(answers.at(-1)?.headers.get('retry-after')).toMatch(/^\d+$/);
  });

  test('another supergraph is heeded within a second', async () => {
    const other = await library.open();
    await repeatedly(4, () => ask({}, other));

    await other.gateway.offerSupergraph(library.supergraphSdl.replace('title: String!', 'title: String! @deprecated'));

    await eventually(async () => (await ask({}, other)).origin === 'miss');
  });
});
