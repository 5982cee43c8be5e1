import type { SubgraphDefinition } from '../../../gateway/support/federation.js';
import type { BenchGraph } from './bench-graph.js';

const names = ['first', 'second', 'third', 'fourth', 'fifth'] as const;
type Parcel = Record<string, unknown>;

/** Each station's mark is made of the one before, so that no station can be asked before the last has answered. */
function mark(station: string, before: unknown): string {
  return `${station} after ${String(before).length}`;
}

function station(name: string, previous: string): SubgraphDefinition {
  return {
    typeDefs: /* GraphQL */ `
      type Parcel @key(fields: "id") {
        id: ID!
        ${previous}: String @external
        ${name}: String @requires(fields: "${previous}")
      }
    `,
    resolvers: {
      Parcel: {
        __resolveReference: (reference: object) => reference,
        [name]: (parcel: Parcel) => mark(name, parcel[previous]),
      },
    },
  };
}

const parcels = Array.from({ length: 5 }, (_, index) => ({ id: `parcel-${index}`, first: `sent ${index}` }));
const pairs = names.slice(1).map((name, index) => [name, names[index] ?? 'first'] as const);

/** What one schema answers: it has no representations that bring the mark before. */
function markWithin(parcel: Parcel, index: number): unknown {
  const name = names[index];
  return name === undefined || index === 0 ? parcel['first'] : mark(name, markWithin(parcel, index - 1));
}

/** Five subgraphs that can only be asked one after the other. */
export const chainGraph: BenchGraph = {
  overrides: Object.fromEntries(
    pairs.map(([name], index) => [`Parcel.${name}`, (parcel: Parcel) => markWithin(parcel, index + 1)]),
  ),
  subgraphs: {
    first: {
      typeDefs: /* GraphQL */ `
        type Query {
          parcels: [Parcel!]!
        }
        type Parcel @key(fields: "id") {
          id: ID!
          first: String
        }
      `,
      resolvers: {
        Query: { parcels: () => parcels },
        Parcel: { __resolveReference: ({ id }: { id: string }) => parcels.find((parcel) => parcel.id === id) },
      },
    },
    ...Object.fromEntries(pairs.map(([name, previous]) => [name, station(name, previous)])),
  },
};
