import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startLibrary, type Library, type LibraryGateway } from './library.js';

let library: Library;
let gateway: LibraryGateway;
beforeAll(async () => {
  library = await startLibrary();
});
afterAll(() => library.close());

const bookQuery = 'query Book($id: ID!) { book(id: $id) { id title } }';

describe('answers that are kept', () => {
  beforeAll(async () => {
    gateway = await library.open({ FORWARD_HEADERS: 'accept-language, x-region' });
  });
  beforeEach(async () => {
    await gateway.gateway.invalidate({ everything: true });
  });
  afterEach(() => {
    library.catalog.headers = {};
  });

  test('a public answer is asked for once, whoever wants it', async () => {
    const before = library.catalog.requests();

    const first = await gateway.ask('{ book(id: "1") { title } }');
    const again = await gateway.ask('{ book(id: "1") { title } }');
    const signedIn = await gateway.ask('{ book(id: "1") { title } }', { token: await library.signIn() });

    expect([first.origin, again.origin, signedIn.origin]).toEqual(['miss', 'hit', 'hit']);
    for (const answer of [first, again, signedIn]) expect(answer.data).toEqual({ book: { title: 'Dune' } });
    expect(library.catalog.requests()).toBe(before + 1);
  });

  test('two people who ask the same private question get each their own answer', async () => {
    const [ada, bob] = [randomUUID(), randomUUID()];
    const [tokenOfAda, tokenOfBob] = [await library.signIn({ sub: ada }), await library.signIn({ sub: bob })];

    for (const origin of ['miss', 'hit']) {
      const answerOfAda = await gateway.ask('{ greeting }', { token: tokenOfAda });
      const answerOfBob = await gateway.ask('{ greeting }', { token: tokenOfBob });
      const answerOfNobody = await gateway.ask('{ greeting }');

      expect(answerOfAda.data).toEqual({ greeting: `Hello ${ada}/-` });
      expect(answerOfBob.data).toEqual({ greeting: `Hello ${bob}/-` });
      expect(answerOfNobody.data).toEqual({ greeting: 'Hello nobody' });
      expect([answerOfAda.origin, answerOfBob.origin, answerOfNobody.origin]).toEqual([origin, origin, origin]);
    }
  });

  test.each([
    ['tenant', { tid: randomUUID() }],
    ['roles', { roles: ['TENANT_ADMIN'] }],
    ['session', {}],
  ])('one person with another %s is somebody else', async (_what, others) => {
    const sub = randomUUID();
    await gateway.ask('{ greeting }', { token: await library.signIn({ sub }) });

    const { origin } = await gateway.ask('{ greeting }', { token: await library.signIn({ sub, ...others }) });

    expect(origin).toBe('miss');
  });

  test('one private field makes the whole answer private', async () => {
    const query = '{ book(id: "1") { title } greeting }';
    const sub = randomUUID();
    await gateway.ask(query);

    const answer = await gateway.ask(query, { token: await library.signIn({ sub }) });

    expect(answer.data?.['greeting']).toBe(`Hello ${sub}/-`);
    expect(answer.headers.get('cache-control')).toMatch(/^private, max-age=60/);
    expect(answer.headers.get('vary')).toMatch(/authorization/);
  });

  test('what only some may have is private, even where its hint says public', async () => {
    const sub = randomUUID();
    const token = await library.signIn({ sub });
    await gateway.ask('{ membersOnly }', { token });

    const again = await gateway.ask('{ membersOnly }', { token });
    const other = await gateway.ask('{ membersOnly }', { token: await library.signIn() });
    const anonymous = await gateway.ask('{ membersOnly }');

    expect(again.origin).toBe('hit');
    expect(again.headers.get('cache-control')).toMatch(/^private/);
    expect(again.data).toEqual({ membersOnly: `For ${sub}/-` });
    expect(other.origin).toBe('miss');
    expect(other.data).not.toEqual(again.data);
    expect(anonymous.data).toEqual({ membersOnly: null });
    expect(anonymous.errors).toHaveLength(1);
    expect(anonymous.headers.get('cache-control')).toBe('no-store');
  });

  test('headers that subgraphs get tell answers apart, others do not', async () => {
    const inGerman = { 'accept-language': 'de' };
    await gateway.ask('{ translated }', { headers: inGerman });

    const french = await gateway.ask('{ translated }', { headers: { 'accept-language': 'fr' } });
    const german = await gateway.ask('{ translated }', { headers: { ...inGerman, 'x-other': 'b' } });
    const elsewhere = await gateway.ask('{ translated }', { headers: { ...inGerman, 'x-region': 'eu' } });

    expect(french.data).toEqual({ translated: 'In fr' });
    expect(german.data).toEqual({ translated: 'In de' });
    expect([french.origin, german.origin, elsewhere.origin]).toEqual(['miss', 'hit', 'miss']);
    expect(german.headers.get('vary')).toBe('accept, accept-language, x-region');
  });

  test('variables tell answers apart, in value and in being there', async () => {
    const query = 'query Books($genre: String = "any") { books(genre: $genre) { id } }';
    await gateway.ask(query, { variables: { genre: 'none' } });

    const others = [{}, { genre: null }, { genre: 'any' }, { genre: 'none', unknown: 1 }];
    const answers = [];
    for (const variables of others) answers.push(await gateway.ask(query, { variables }));

    expect(answers.map(({ origin }) => origin)).toEqual(['miss', 'miss', 'miss', 'hit']);
    expect(answers[0]?.data).toEqual({ books: [{ id: '1' }, { id: '2' }, { id: '3' }] });
    expect(answers[3]?.data).toEqual({ books: [] });
  });

  test('the variables of the first request are not those of the next', async () => {
    const titles = [];
    for (const id of ['1', '2', '3', '1']) {
      titles.push((await gateway.ask(bookQuery, { variables: { id } })).data?.['book']);
    }

    expect(titles).toEqual([
      { id: '1', title: 'Dune' },
      { id: '2', title: 'Emma' },
      { id: '3', title: 'Ilium' },
      { id: '1', title: 'Dune' },
    ]);
  });

  test('what @skip and @include leave out is another answer', async () => {
    const query = 'query Book($with: Boolean!) { book(id: "1") { id title @include(if: $with) } }';

    const withTitle = await gateway.ask(query, { variables: { with: true } });
    const without = await gateway.ask(query, { variables: { with: false } });

    expect(withTitle.data).toEqual({ book: { id: '1', title: 'Dune' } });
    expect(without.data).toEqual({ book: { id: '1' } });
  });

  test('operations of one document, literals, aliases and directives are told apart', async () => {
    const both = 'query A { book(id: "1") { title } } query B { book(id: "2") { title } }';
    const texts: [string, string?][] = [
      [both, 'A'],
      [both, 'B'],
      ['{ book(id: "3") { title } }'],
      ['{ other: book(id: "3") { title } }'],
      ['{ book(id: "3") { title @skip(if: true) id } }'],
    ];

    const answers = [];
    for (const [query, operationName] of texts) {
      answers.push(await gateway.ask(query, operationName === undefined ? {} : { operationName }));
    }

    expect(answers.map(({ origin }) => origin)).toEqual(['miss', 'miss', 'miss', 'miss', 'miss']);
    expect(answers.map(({ data }) => data)).toEqual([
      { book: { title: 'Dune' } },
      { book: { title: 'Emma' } },
      { book: { title: 'Ilium' } },
      { other: { title: 'Ilium' } },
      { book: { id: '3' } },
    ]);
  });

  test('how a text is written, and what else stands in its document, makes no other answer', async () => {
    await gateway.ask('query A { book(id: "1") { ...F } } fragment F on Book { title }');

    const { origin } = await gateway.ask(
      '# a comment\nquery B { books { id } }\nfragment F on Book {\n  title\n}\nquery A {\n  book(id: "1") { ...F }\n}',
      { operationName: 'A' },
    );

    expect(origin).toBe('hit');
  });
});
