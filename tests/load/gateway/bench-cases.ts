/** What is asked over and over in one case. */
export interface BenchCase {
  readonly name: string;
  /** As `findGraph` knows it. */
  readonly graph: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly connections: number;
  /** Whether one subgraph alone answers it, so that a proxy could. */
  readonly servedBy: string | undefined;
}

const heavyQuery = /* GraphQL */ `
  fragment User on User {
    id
    username
    name
  }
  fragment Review on Review {
    id
    body
  }
  fragment Product on Product {
    inStock
    name
    price
    shippingEstimate
    upc
    weight
  }
  query Heavy {
    users {
      ...User
      reviews {
        ...Review
        product {
          ...Product
          reviews {
            ...Review
            author {
              ...User
              reviews {
                ...Review
                product {
                  ...Product
                }
              }
            }
          }
        }
      }
    }
    topProducts {
      ...Product
      reviews {
        ...Review
        author {
          ...User
          reviews {
            ...Review
            product {
              ...Product
            }
          }
        }
      }
    }
  }
`;

const smallQuery = 'query Small($id: ID!) { user(id: $id) { id name username } }';
const heavy = { graph: 'shop', query: heavyQuery, variables: undefined, servedBy: undefined };
const small = { graph: 'shop', query: smallQuery, variables: { id: '2' }, servedBy: 'accounts' };

/** (a) to (e) of the benchmark, as its README explains them. */
export const benchCases: readonly BenchCase[] = [
  { name: 'heavy', connections: 50, ...heavy },
  { name: 'small', connections: 50, ...small },
  {
    name: 'chain',
    graph: 'chain',
    query: 'query Chain { parcels { id first second third fourth fifth } }',
    variables: undefined,
    connections: 50,
    servedBy: undefined,
  },
  {
    name: 'list',
    graph: 'list',
    query: 'query List { articles { id name price inStock shelf } }',
    variables: undefined,
    connections: 50,
    servedBy: undefined,
  },
  { name: 'crowd', ...small, connections: 500 },
];
