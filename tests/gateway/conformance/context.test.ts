import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startFederation, type Federation } from '../support/federation.js';

const reference = { __resolveReference: (given: object) => given };

/** `people` know who speaks what; what a page says depends on who reads it, and on the shelf that it stands on. */
describe.each(['tessera', 'auto'] as const)('@context and @fromContext (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    const page = (id: string) => ({ id });
    federation = await startFederation(
      {
        pages: {
          typeDefs: `
            type Query { readers: [Reader!]!  moody: Reader }
            type Reader @key(fields: "id") @context(name: "reader") {
              id: ID!  language: String! @external  favourite: Page  pages: [Page!]!  shelf: Shelf
            }
            type Shelf @key(fields: "id") @context(name: "shelf") { id: ID!  label: Label  note: Note }
            type Label { text: String @shareable }
            type Page @key(fields: "id") {
              id: ID!
              text(language: String @fromContext(field: "$reader { language }")): String
              length(factor: Int! = 1, language: String @fromContext(field: "$reader { language }")): Int
              size(language: String @fromContext(field: "$reader { language }")): Int!
            }
            type Note @key(fields: "id") {
              id: ID!
              place(
                label: String @fromContext(field: "$shelf { label { text } }")
                language: String @fromContext(field: "$reader { language }")
              ): String
            }`,
          resolvers: {
            Query: { readers: () => [{ id: 'en' }, { id: 'fr' }, { id: 'lost' }], moody: () => ({ id: 'fr' }) },
            Reader: {
              ...reference,
              favourite: ({ id }: { id: string }) => page(id === 'lost' ? 'p2' : 'p1'),
              pages: () => [page('p1'), page('p2')],
              shelf: ({ id }: { id: string }) => ({ id: `shelf-${id}` }),
            },
            Shelf: {
              ...reference,
              label: ({ id }: { id: string }) => ({ text: `label of ${id}` }),
              note: () => ({ id: 'n1' }),
            },
            Page: {
              ...reference,
              text: ({ id }: { id: string }, given: { language: string }) => `${id} in ${given.language}`,
              length: ({ id }: { id: string }, given: { language: string; factor: number }) =>
                (id + given.language).length * given.factor,
            },
            Note: {
              ...reference,
              place: (_: unknown, given: { label: string; language: string }) => `${given.label}, ${given.language}`,
            },
          },
        },
        people: {
          typeDefs: `type Reader @key(fields: "id") { id: ID!  language: String!  mood: String! }`,
          resolvers: {
            Reader: {
              ...reference,
              language({ id }: { id: string }) {
                if (id === 'lost') throw new Error('speechless');
                return id;
              },
              mood() {
                throw new Error('no mood');
              },
            },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('give equal entities different values in different places', async () => {
    const answer = await federation.run('{ readers { id favourite { id text } pages { text } } }');

    expect(answer.data).toEqual({
      readers: [
        { id: 'en', favourite: { id: 'p1', text: 'p1 in en' }, pages: [{ text: 'p1 in en' }, { text: 'p2 in en' }] },
        { id: 'fr', favourite: { id: 'p1', text: 'p1 in fr' }, pages: [{ text: 'p1 in fr' }, { text: 'p2 in fr' }] },
        { id: 'lost', favourite: { id: 'p2', text: null }, pages: [{ text: null }, { text: null }] },
      ],
    });
    expect(answer.errors?.map(({ path }) => path?.join('.'))).toEqual([
      'readers.2.favourite.text',
      'readers.2.pages.0.text',
      'readers.2.pages.1.text',
    ]);
  });

  test('stand beside arguments of the client', async () => {
    const source = 'query ($factor: Int!) { readers { favourite { length(factor: $factor) once: length } } }';
    const answer = await federation.run(source, { factor: 10 });

    expect(answer.data).toMatchObject({
      readers: [{ favourite: { length: 40, once: 4 } }, { favourite: { length: 40, once: 4 } }, {}],
    });
  });

  test('come from several places further up, and from below them', async () => {
    const answer = await federation.run('{ readers { shelf { note { place } } } }');

    expect(answer.data).toMatchObject({
      readers: [
        { shelf: { note: { place: 'label of shelf-en, en' } } },
        { shelf: { note: { place: 'label of shelf-fr, fr' } } },
        { shelf: { note: { place: null } } },
      ],
    });
  });

  test('tell why they could not be had where another field has emptied the object that they come from', async () => {
    const answer = await federation.run('{ moody { pages { size } mood } }');

    expect(answer.data).toEqual({ moody: null });
    expect(answer.errors?.map(({ path }) => path?.join('.'))).toEqual(['moody.pages.0.size']);
  });

  test('are asked for once for all that stand in one context', async () => {
    federation.subgraph('pages').forgetRequests();

    await federation.run('{ readers { pages { text } } }');

    expect(federation.subgraph('pages').requests).toHaveLength(3);
  });
});
