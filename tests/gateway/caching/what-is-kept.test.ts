import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { startLibrary, type Library, type LibraryGateway } from './library.js';

let library: Library;
let gateway: LibraryGateway;
beforeAll(async () => {
  library = await startLibrary();
});
afterAll(() => library.close());

describe('what may be kept, and for how long', () => {
  beforeAll(async () => {
    gateway = await library.open({ FORWARD_HEADERS: 'accept-language, x-region' });
  });
  beforeEach(async () => {
    await gateway.gateway.invalidate({ everything: true });
  });
  afterEach(() => {
    library.catalog.headers = {};
  });

  test('what no hint and no header says may be kept is not kept', async () => {
    const first = await gateway.ask('{ unhinted }');
    const second = await gateway.ask('{ unhinted }');

    expect(first.data).not.toEqual(second.data);
    expect(second.headers.get('cache-control')).toBe('no-store');
    expect(second.headers.get('etag')).toBeNull();
  });

  test('errors and partial answers are not kept', async () => {
    const before = library.catalog.requests();

    const answers = [
      await gateway.ask('{ broken book(id: "1") { id } }'),
      await gateway.ask('{ broken book(id: "1") { id } }'),
    ];

    for (const { data, errors, headers } of answers) {
      expect(data).toEqual({ broken: null, book: { id: '1' } });
      expect(errors).toHaveLength(1);
      expect(headers.get('cache-control')).toBe('no-store');
    }
    expect(library.catalog.requests()).toBe(before + 2);
  });

  test('mutations are neither answered from what was kept nor kept', async () => {
    const first = await gateway.ask('mutation { ping }');
    const second = await gateway.ask('mutation { ping }');

    expect(second.data).not.toEqual(first.data);
    expect(second.headers.get('cache-control')).toBe('no-store');
  });

  test('the shortest age and the narrowest scope of all subgraphs hold', async () => {
    const { headers } = await gateway.ask('{ book(id: "1") { title rating } }');
    expect(headers.get('cache-control')).toBe('public, max-age=30');

    const withNote = await gateway.ask('{ book(id: "1") { title ownNote } }');
    expect(withNote.headers.get('cache-control')).toBe('private, max-age=30');
  });

  test.each([
    ['public, max-age=20', 'public, max-age=20'],
    ['max-age=20', 'private, max-age=20'],
    ['private, max-age=20', 'private, max-age=20'],
    ['public, max-age=20, s-maxage=10', 'public, max-age=10'],
    ['public, max-age=20, stale-while-revalidate=5', 'public, max-age=20, stale-while-revalidate=5'],
    ['public, max-age=20, must-revalidate, stale-while-revalidate=5', 'public, max-age=20'],
    ['no-store', 'no-store'],
    ['no-cache', 'no-store'],
    ['public, max-age=nonsense', 'no-store'],
    ['public', 'no-store'],
  ])('a field without hints whose subgraph says "%s" is answered with "%s"', async (said, told) => {
    library.catalog.headers = { 'cache-control': said };

    const { headers } = await gateway.ask('{ unhinted }');

    expect(headers.get('cache-control')).toBe(told);
  });

  test('headers restrict what hints allow, and hints what headers allow', async () => {
    library.catalog.headers = { 'cache-control': 'public, max-age=20' };
    expect((await gateway.ask('{ book(id: "1") { id } }')).headers.get('cache-control')).toBe('public, max-age=20');

    library.catalog.headers = { 'cache-control': 'public, max-age=900' };
    expect((await gateway.ask('{ book(id: "2") { id } }')).headers.get('cache-control')).toBe('public, max-age=60');
    expect((await gateway.ask('{ greeting }')).headers.get('cache-control')).toBe('private, max-age=60');
  });

  test('what varies with who asks is private, and what varies with everything is not kept', async () => {
    library.catalog.headers = { 'cache-control': 'public, max-age=20', vary: 'Authorization' };
    expect((await gateway.ask('{ unhinted }')).headers.get('cache-control')).toBe('private, max-age=20');

    library.catalog.headers = { 'cache-control': 'public, max-age=20', vary: '*' };
    expect((await gateway.ask('{ unhinted translated }')).headers.get('cache-control')).toBe('no-store');
  });

  test('the age that an answer has when it comes counts', async () => {
    library.catalog.headers = { 'cache-control': 'public, max-age=20', age: '15' };

    expect((await gateway.ask('{ unhinted }')).headers.get('cache-control')).toBe('public, max-age=5');
  });

  test('an answer is asked for again when its time is over', async () => {
    const first = await gateway.ask('{ fleeting }');
    expect((await gateway.ask('{ fleeting }')).data).toEqual(first.data);

    await eventually(async () => (await gateway.ask('{ fleeting }')).data?.['fleeting'] !== first.data?.['fleeting']);
  });

  test('a stale answer is given while it is asked for again', async () => {
    library.catalog.headers = { 'cache-control': 'public, max-age=1, stale-while-revalidate=60' };
    const first = await gateway.ask('{ fleeting }');
    await eventually(async () => {
      const { origin, data, headers } = await gateway.ask('{ fleeting }');
      if (origin !== 'stale') return false;
      expect(data).toEqual(first.data);
      expect(Number(headers.get('age'))).toBeGreaterThanOrEqual(1);
      return true;
    });

    await eventually(async () => (await gateway.ask('{ fleeting }')).data?.['fleeting'] !== first.data?.['fleeting']);
    expect(await gateway.metric('cache_stale_hits_total', 'cache="answers"')).toBeGreaterThan(0);
  });

  test('hits and misses are counted by the name of the cache', async () => {
    const [hits, misses] = [
      await gateway.metric('cache_hits_total', 'cache="answers"'),
      await gateway.metric('cache_misses_total', 'cache="answers"'),
    ];

    await gateway.ask('{ book(id: "1") { title } }');
    await gateway.ask('{ book(id: "1") { title } }');

    expect(await gateway.metric('cache_hits_total', 'cache="answers"')).toBe(hits + 1);
    expect(await gateway.metric('cache_misses_total', 'cache="answers"')).toBe(misses + 1);
  });
});
