import { expect, test } from '@jest/globals';
import { anonymousPrincipal } from '@tessera/service/identity';
import { getOperationAST, parse } from 'graphql';
import { createAuthorization } from './authorization.js';

const supergraphSdl = `
  schema @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY) { query: Query }
  type Query { node: Node }
  type Node { next: Node open: Int known: Int @authenticated }
`;
const anonymous = { principal: anonymousPrincipal };

function judge(text: string) {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (operation == null) throw new Error('The text has no operation');
  return createAuthorization({ supergraph: parse(supergraphSdl), unauthorizedFields: 'null' })?.judge(
    document,
    operation,
    anonymous,
  );
}

test('a supergraph that protects nothing needs no authorization', () => {
  expect(
    createAuthorization({ supergraph: parse('type Query { a: Int }'), unauthorizedFields: 'null' }),
  ).toBeUndefined();
});

test('an operation that touches nothing protected is judged at once', () => {
  expect(judge('{ node { open next { open __typename } } }')).toBeUndefined();
});

test('fragments that spread each other twice a hundred times are inspected once each', async () => {
  const chain = Array.from(
    { length: 100 },
    (_, index) => `fragment f${index} on Node { next { ...f${index + 1} } other: next { ...f${index + 1} } }`,
  );

  const withheld = await judge(`{ node { ...f0 } } ${chain.join(' ')} fragment f100 on Node { known }`);

  expect([...(withheld?.reasons.values() ?? [])]).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
});

test('callers with equal rights get the same set', async () => {
  const document = parse('{ node { known } }');
  const operation = getOperationAST(document);
  const authorization = createAuthorization({ supergraph: parse(supergraphSdl), unauthorizedFields: 'null' });
  if (operation == null || authorization === undefined) throw new Error('There is nothing to judge');

  const [one, other] = await Promise.all([
    authorization.judge(document, operation, anonymous),
    authorization.judge(document, operation, { principal: { ...anonymous.principal } }),
  ]);

  expect(one).toBe(other);
});
