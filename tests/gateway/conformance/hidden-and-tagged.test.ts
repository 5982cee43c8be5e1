import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners } from '../support/federation.js';
import { startLinkedFederation, type LinkedFederation } from '../support/linked-federation.js';

const link = `extend schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/federation/v2.7",
    import: ["@key", "@shareable", "@inaccessible", "@tag", "@composeDirective", "@requires", "@external"])
  @link(url: "https://specs.example.test/audit/v1.0", import: ["@audited"])
  @composeDirective(name: "@audited")
directive @audited(level: Int = 1) on FIELD_DEFINITION | OBJECT`;

/** `private` keys and fields are used by the gateway and shown to nobody. */
describe.each([...planners, 'auto' as const])('what is hidden or marked (planned by %s)', (planner) => {
  let federation: LinkedFederation;

  beforeAll(async () => {
    federation = await startLinkedFederation(
      {
        people: {
          sdl: `${link}
            type Query { person: Person @tag(name: "public")  things: [Thing!]!  secret: String @inaccessible  team: [Team] }
            type Person @key(fields: "ssn") @tag(name: "people") {
              ssn: ID! @inaccessible  name: String @tag(name: "public") @audited(level: 2)  leads: Team
            }
            union Thing = Person | Vault
            type Vault @inaccessible { code: String }
            interface Team { title: String }
            type Club implements Team { title: String }
            type Board implements Team @inaccessible { title: String @shareable }`,
          resolvers: {
            Query: {
              person: () => ({ ssn: '7', name: 'Ada' }),
              things: () => [{ __typename: 'Person', ssn: '7', name: 'Ada' }],
              team: () => [
                { __typename: 'Club', title: 'C' },
                { __typename: 'Board', title: 'B' },
              ],
            },
            Person: {
              __resolveReference: ({ ssn }: { ssn: string }) => ({ ssn, name: 'Ada' }),
              leads: () => ({ __typename: 'Board', title: 'B' }),
            },
          },
        },
        taxes: {
          sdl: `${link}
            type Person @key(fields: "ssn") { ssn: ID! @inaccessible  rate: Int @inaccessible  tax(year: Int = 1, mode: Mode): Int }
            enum Mode { FULL HALF @inaccessible }`,
          resolvers: {
            Person: {
              __resolveReference: (given: object) => given,
              rate: () => 3,
              tax: ({ ssn }: { ssn: string }, { year }: { year: number }) => Number(ssn) * year,
            },
          },
        },
        courts: {
          sdl: `${link}
            type Person @key(fields: "ssn") {
              ssn: ID! @inaccessible  rate: Int @external  fine: Int @requires(fields: "rate")
              leads: Team @external  duty: String @requires(fields: "leads { ... on Board { title } }")
            }
            interface Team { title: String }
            type Board implements Team @inaccessible { title: String @shareable }`,
          resolvers: {
            Person: {
              __resolveReference: (given: object) => given,
              fine: ({ rate }: { rate: number }) => rate * 100,
              duty: ({ leads }: { leads: { title?: string } }) => `answers for ${leads.title}`,
            },
          },
        },
      },
      planner,
    );
  });

  afterAll(() => federation.close());

  test('is no part of the schema', async () => {
    for (const source of [
      '{ person { ssn } }',
      '{ secret }',
      '{ things { ... on Vault { code } } }',
      '{ person { tax(mode: HALF) } }',
    ]) {
      await expect(federation.run(source)).rejects.toThrow(/Cannot query field|Unknown type|does not exist/);
    }
  });

  test('is still the key that entities are found by, and what others require', async () => {
    const answer = await federation.run(
      '{ person { name tax(year: 2, mode: FULL) fine } things { ... on Person { tax } } }',
    );

    expect(JSON.stringify(answer)).toBe('{"data":{"person":{"name":"Ada","tax":14,"fine":300},"things":[{"tax":7}]}}');
  });

  test('is known to others that require what a hidden type has', async () => {
    expect(await federation.run('{ person { duty } }')).toEqual({ data: { person: { duty: 'answers for B' } } });
  });

  test('leaves null where an object is of a hidden type', async () => {
    const answer = await federation.run('{ team { title } }');

    expect(answer.data).toEqual({ team: [{ title: 'C' }, null] });
    expect(JSON.stringify(answer)).not.toContain('Board');
  });

  test('keeps tags and composed directives in the supergraph, and answers as if they were not there', async () => {
    expect(federation.supergraphSdl).toContain('@audited(level: 2)');
    expect(federation.supergraphSdl).toContain('@tag(name: "public")');

    const answer = await federation.run('{ __type(name: "Person") { fields { name } } }');

    expect(answer.data).toEqual({
      __type: { fields: [{ name: 'fine' }, { name: 'leads' }, { name: 'duty' }, { name: 'name' }, { name: 'tax' }] },
    });
  });
});
