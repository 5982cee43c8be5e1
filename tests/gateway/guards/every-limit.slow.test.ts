import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLeftovers } from '../../support/leftovers.js';
import { someClaims, type TokenIssuer } from '../../support/token-issuer.js';
import { startForKnownCallers } from '../support/known-callers.js';
import type { RunningGateway } from '../support/running-gateway.js';
import { transportsFor, type SentOperation } from '../support/transports.js';

const leftovers = createLeftovers();
let issuer: TokenIssuer;
let running: RunningGateway;

beforeAll(async () => {
  ({ issuer, running } = await startForKnownCallers(leftovers, {
    // Each limit another number: by it a refusal says which one it was.
    environment: {
      MAX_CONCURRENT_OPERATIONS: '0',
      MAX_BODY_BYTES: '4000',
      MAX_TOKENS: '300',
      MAX_DEPTH: '5',
      MAX_ALIASES: '4',
      MAX_ROOT_FIELDS: '6',
      MAX_DIRECTIVES: '3',
      MAX_DEFERRED_FRAGMENTS: '2',
      MAX_SELECTIONS: '30',
      MAX_OPERATIONS_PER_DOCUMENT: '8',
      MAX_FRAGMENTS: '7',
      MAX_VARIABLE_DEPTH: '9',
      MAX_LIST_ITEMS: '11',
      MAX_COST: '100',
      RATE_LIMIT_ANONYMOUS: 'none',
      RATE_LIMIT_PERSON: '1/h burst 3',
    },
  }));
});
afterAll(() => leftovers.close());

const repeat = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

const tooComplex = 'OPERATION_TOO_COMPLEX';

/** An operation around selections of a person. */
type AroundPerson = (selections: string, name?: string) => string;

const inQuery: AroundPerson = (selections, name = 'O') => `query ${name} { person(id: 1) { ${selections} } }`;
const inSubscription: AroundPerson = (selections, name = 'O') =>
  `subscription ${name} { alerts { person { ${selections} } } }`;

type Excess = readonly [setting: string, limit: number | undefined, operation: SentOperation, code: string];

/** What exceeds one limit alone, by the setting of that limit. */
function excessesOf(around: AroundPerson): readonly Excess[] {
  return [
    ['MAX_TOKENS', undefined, { query: around('id '.repeat(300)) }, 'OPERATION_TOO_LARGE'],
    [
      'MAX_BODY_BYTES',
      undefined,
      { query: around('id'), variables: { text: 'x'.repeat(4_000) } },
      'OPERATION_TOO_LARGE',
    ],
    ['MAX_DEPTH', 5, { query: around(`${'friends { '.repeat(5)} id ${'}'.repeat(5)}`) }, tooComplex],
    ['MAX_ALIASES', 4, { query: around(repeat(5, (at) => `a${at}: id`)) }, tooComplex],
    ['MAX_DIRECTIVES', 3, { query: around('id @include(if: true) '.repeat(4)) }, tooComplex],
    [
      'MAX_DEFERRED_FRAGMENTS',
      2,
      { query: around(repeat(3, (at) => `... @defer(label: "l${at}") { name }`)) },
      tooComplex,
    ],
    [
      'MAX_SELECTIONS',
      30,
      {
        query: `${around('...f '.repeat(6))} fragment f on Person { id name ...g } fragment g on Person { id name }`,
      },
      tooComplex,
    ],
    [
      'MAX_OPERATIONS_PER_DOCUMENT',
      8,
      { query: repeat(9, (at) => around('id', `O${at}`)), operationName: 'O1' },
      tooComplex,
    ],
    [
      'MAX_FRAGMENTS',
      7,
      {
        query: `${around(repeat(8, (at) => `...f${at}`))} ${repeat(8, (at) => `fragment f${at} on Person { id }`)}`,
      },
      tooComplex,
    ],
    ['MAX_VARIABLE_DEPTH', 9, { query: around('id'), variables: { deep: [[[[[[[[[['x']]]]]]]]]] } }, 'BAD_USER_INPUT'],
    [
      'MAX_LIST_ITEMS',
      11,
      { query: around('id'), variables: { of: { these: Array.from({ length: 12 }, () => 1) } } },
      'BAD_USER_INPUT',
    ],
    ['MAX_COST', 100, { query: around('friends { friends { id } }') }, tooComplex],
  ];
}

const ofQueries: readonly Excess[] = [
  ...excessesOf(inQuery),
  ['MAX_ROOT_FIELDS', 6, { query: `{ ${'openAlerts '.repeat(7)} }` }, tooComplex],
  ['INTROSPECTION', undefined, { query: '{ __schema { types { name } } }' }, 'GRAPHQL_VALIDATION_FAILED'],
];

describe.each([
  ...transportsFor('query').map(([name, transport]) => [`a query by ${name}`, transport, ofQueries] as const),
  ...transportsFor('subscription').map(
    ([name, transport]) => [`a subscription by ${name}`, transport, excessesOf(inSubscription)] as const,
  ),
])('%s', (name, transport, excesses) => {
  // A GET has no body: what does not fit into an address is refused with its headers.
  const held = excesses.filter(([setting]) => setting !== 'MAX_BODY_BYTES' || !name.includes('GET'));

  test.each(held)('is held to %s', async (_setting, limit, operation, code) => {
    const { answers, code: refusedAs } = await transport.send(running.url, operation);

    // A socket ends where a message is larger than it takes.
    expect(code === 'OPERATION_TOO_LARGE' ? [code, 1009] : [code]).toContain(refusedAs);
    if (limit !== undefined) expect(answers).toMatchObject([{ errors: [{ extensions: { details: { limit } } }] }]);
    expect(answers[0]?.data).toBeUndefined();
  });

  test('suggests no names to who may not introspect', async () => {
    const kind = excesses === ofQueries ? 'query' : 'subscription';
    const { answers, code } = await transport.send(running.url, { query: `${kind} { persn alrts }` });

    expect(code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(JSON.stringify(answers)).not.toMatch(/person|alerts|Did you mean/);
  });
});

describe.each(transportsFor('query'))('by %s', (_name, transport) => {
  test('a caller is told what an operation costs, who asks for it', async () => {
    const { answers } = await transport.send(running.url, { query: '{ people { id } }', extensions: { cost: true } });

    expect(answers).toMatchObject([{ extensions: { cost: { static: 10, actual: 2 } } }]);
  });

  test('who has used up a rate is refused with the time to come back', async () => {
    const authorization = `Bearer ${await issuer.issue(someClaims())}`;
    const send = () => transport.send(running.url, { query: '{ openAlerts }' }, { authorization });

    const outcomes = [];
    for (let count = 0; count < 4; count += 1) outcomes.push(await send());

    expect(outcomes[0]?.answers).toEqual([{ data: { openAlerts: 3 } }]);
    expect(outcomes.at(-1)?.answers).toMatchObject([
      { errors: [{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } }] },
    ]);
  });
});

const subscription = { query: 'subscription { countTo(last: 1) }' };
const query = { query: '{ openAlerts }' };

describe.each([
  ['POST', 'POST', 'application/json', query],
  ['GET', 'GET', 'application/graphql-response+json', query],
  ['an event stream', 'POST', 'text/event-stream', subscription],
  ['an event stream by GET', 'GET', 'text/event-stream', subscription],
  ['a multipart subscription', 'POST', 'multipart/mixed;subscriptionSpec=1.0,application/json', subscription],
  ['a deferred answer', 'POST', 'multipart/mixed;deferSpec=20220824,application/json', query],
] as const)('the headers of %s', (_name, method, accept, operation) => {
  test('say how a caller stands, and when to come back', async () => {
    const authorization = `Bearer ${await issuer.issue(someClaims())}`;
    const send = async () => {
      const answer = await fetch(`${running.url}${method === 'GET' ? `?${new URLSearchParams(operation)}` : ''}`, {
        method,
        headers: { authorization, accept, 'content-type': 'application/json' },
        ...(method === 'POST' && { body: JSON.stringify(operation) }),
      });
      await answer.text();
      return answer;
    };

    const first = await send();
    await send();
    await send();
    const refused = await send();

    expect(first.status).toBe(200);
    expect(first.headers.get('ratelimit-policy')).toContain('"person";q=3;w=10800');
    expect(first.headers.get('ratelimit')).toMatch(/"person";r=2;t=\d+/);
    expect(refused.headers.get('ratelimit')).toMatch(/"person";r=0;t=\d+/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000);
  });
});
