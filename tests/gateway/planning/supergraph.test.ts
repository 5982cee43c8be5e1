import { describe, expect, test } from '@jest/globals';
import { createNativePlanner } from '@tessera/gateway/planning/native-planner';
import { loadSupergraph } from '@tessera/gateway/planning/supergraph';
import { printSchema } from 'graphql';
import { compose } from '../support/federation.js';

const sdl = compose({
  'my-books': {
    url: 'http://books.test/graphql',
    typeDefs: `
      type Query { book(id: ID!, draft: Boolean @inaccessible): Book  search: [Found]  secret: Secret @inaccessible }
      "A thing to read"
      type Book implements Thing & Internal @key(fields: "id") {
        id: ID!
        "What the cover says"
        title: String @tag(name: "public")
        isbn: String @deprecated(reason: "Use id")
        notes: String @inaccessible
        link: Url
      }
      type Secret @inaccessible { id: ID }
      interface Thing { id: ID! }
      interface Internal @inaccessible { id: ID! }
      union Found = Book | Secret
      enum Color { RED  INFRARED @inaccessible }
      input Filter { color: Color  internal: Int @inaccessible }
      scalar Url @specifiedBy(url: "https://url.spec.whatwg.org")
      directive @live(every: Int) on FIELD
      extend type Query { colored(filter: Filter): Color }`,
  },
  Reviews: {
    url: 'http://reviews.test/graphql',
    typeDefs: 'type Book @key(fields: "id") { id: ID!  stars: Int }  directive @live(every: Int) on FIELD',
  },
});

describe('a supergraph', () => {
  test('shows consumers what is theirs: no machinery of composition, nothing inaccessible', () => {
    expect(printSchema(loadSupergraph(sdl).publicSchema)).toMatchInlineSnapshot(`
      "directive @live(every: Int) on FIELD

      """
      The fields of this fragment may come later than the rest of the answer, to clients that accept that.
      """
      directive @defer(
        """Whether they may."""
        if: Boolean! = true

        """Marks what comes; each fragment has another one."""
        label: String
      ) on FRAGMENT_SPREAD | INLINE_FRAGMENT

      """A thing to read"""
      type Book implements Thing {
        id: ID!
        stars: Int

        """What the cover says"""
        title: String
        isbn: String @deprecated(reason: "Use id")
        link: Url
      }

      enum Color {
        RED
      }

      input Filter {
        color: Color
      }

      union Found = Book

      type Query {
        book(id: ID!): Book
        search: [Found]
        colored(filter: Filter): Color
      }

      interface Thing {
        id: ID!
      }

      scalar Url @specifiedBy(url: "https://url.spec.whatwg.org")"
    `);
  });

  test('keeps on the nodes of its schema the directives that guards read', () => {
    const book = loadSupergraph(sdl).publicSchema.getType('Book');

    const fields =
      book?.astNode !== undefined && book.astNode !== null && 'fields' in book.astNode ? book.astNode.fields : [];
    const title = fields?.find(({ name }) => name.value === 'title');
    expect(title?.directives?.map(({ name }) => name.value)).toEqual(['tag']);
  });

  test('knows its subgraphs by their own names, and where they answer', () => {
    expect([...loadSupergraph(sdl).subgraphs.values()]).toEqual([
      { name: 'Reviews', url: 'http://reviews.test/graphql' },
      { name: 'my-books', url: 'http://books.test/graphql' },
    ]);
  });

  test('names subgraphs in plans as it does itself', async () => {
    const planner = createNativePlanner(loadSupergraph(sdl));

    const plan = await planner.plan('{ book(id: 1) { title } }', undefined, new AbortController().signal);

    expect(plan.node).toMatchObject({ kind: 'Fetch', serviceName: 'my-books' });
    await planner.close();
  });

  test('has one id for one text', () => {
    expect(loadSupergraph(sdl).id).toBe(loadSupergraph(sdl).id);
    expect(loadSupergraph(`${sdl}\n`).id).not.toBe(loadSupergraph(sdl).id);
  });

  test.each([
    ['text that is no SDL', 'type Query {', /Supergraph does not load: Syntax Error/],
    ['a schema that was not composed', 'type Query { a: Int }', /join__Graph names no subgraph/],
    ['types that do not exist', sdl.replaceAll('stars: Int', 'stars: Nothing'), /Supergraph does not load: .*Nothing/],
    [
      'no queries that anybody may see',
      sdl.replaceAll(/@inaccessible/g, '').replaceAll('type Query', 'type Query @inaccessible'),
      /Supergraph does not load/,
    ],
  ])('is refused with its reasons for %s', (_name, text, reason) => {
    expect(() => loadSupergraph(text)).toThrow(reason);
  });
});
