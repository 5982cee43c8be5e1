import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FormattedExecutionResult } from 'graphql';
import { request } from 'undici';
import { startGuardedGateway, type GuardedGateway } from './support/gateway-process.js';

let gateway: GuardedGateway;

beforeAll(async () => {
  gateway = await startGuardedGateway();
}, 60_000);

afterAll(() => gateway.close());

beforeEach(() => gateway.doors.forgetRequests());

async function ask(body: object | string): Promise<FormattedExecutionResult> {
  const answer = await request(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return (await answer.body.json()) as FormattedExecutionResult;
}

/** A clean process answers so; one whose prototypes were written to does not. */
async function expectUnharmed(): Promise<void> {
  expect(gateway.isAlive()).toBe(true);
  expect(await ask({ query: '{ self { label extra } greeting }' })).toEqual({
    data: { self: { label: 'label', extra: 'extra' }, greeting: 'hello' },
  });
}

describe('an answer of a subgraph', () => {
  const polluted = '{"polluted":true,"call":1,"toString":1}';

  test.each([
    ['beside its data', `{"__proto__":${polluted},"data":{"self":{"id":"1","label":"l"}}}`],
    ['as its data', `{"data":{"__proto__":${polluted},"self":{"id":"1","label":"l"}}}`],
    ['within an object', `{"data":{"self":{"id":"1","label":"l","__proto__":${polluted}}}}`],
    ['as a constructor', `{"data":{"self":{"id":"1","label":"l","constructor":{"prototype":${polluted}}}}}`],
    [
      'in errors',
      `{"data":{"self":null},"errors":[{"message":"m","__proto__":${polluted},"extensions":{"__proto__":${polluted}}}]}`,
    ],
  ])('that brings a prototype %s harms nobody', async (_where, body) => {
    gateway.doors.answerNext({ kind: 'json', body: JSON.parse(body) as unknown });

    const answer = await ask({ query: '{ self { id label extra } }' });

    expect(JSON.stringify(answer)).not.toContain('polluted');
    await expectUnharmed();
  });

  test.each(['__proto__', 'constructor', 'toString'])(
    'that meets another one under the name %s is merged like any other',
    async (name) => {
      const answer = await ask({ query: `{ ${name}: self { ${name}: label extra } other: self { ${name}: extra } }` });

      expect(JSON.stringify(answer)).toBe(
        `{"data":{"${name}":{"${name}":"label","extra":"extra"},"other":{"${name}":"extra"}}}`,
      );
      await expectUnharmed();
    },
  );
});

describe('operations that are alike', () => {
  const echo = (answer: FormattedExecutionResult): unknown => answer.data?.['echo'];

  test('do not get each other’s literals, variables, defaults or operations', async () => {
    const document = 'query A($t: String = "a") { echo(text: $t) } query B { echo(text: "b") }';
    const answers = await Promise.all([
      ask({ query: '{ echo(text: "x") }' }),
      ask({ query: '{ echo(text: "y") }' }),
      ask({ query: 'query ($t: String) { echo(text: $t) }', variables: { t: 'first' } }),
      ask({ query: 'query ($t: String) { echo(text: $t) }', variables: { t: 'second' } }),
      ask({ query: 'query ($t: String) { echo(text: $t) }' }),
      ask({ query: document, operationName: 'A' }),
      ask({ query: document, operationName: 'B' }),
      ask({ query: document, operationName: 'A', variables: { t: 'c' } }),
    ]);

    expect(answers.map(echo)).toEqual([
      { text: 'x' },
      { text: 'y' },
      { text: 'first' },
      { text: 'second' },
      {},
      { text: 'a' },
      { text: 'b' },
      { text: 'c' },
    ]);
  });

  test('of different conditions are planned by themselves', async () => {
    const query = 'query ($with: Boolean!) { self { label @include(if: $with) id } }';

    const answers = [true, false, true].map((value) => ask({ query, variables: { with: value } }));

    expect((await Promise.all(answers)).map(({ data }) => data)).toEqual([
      { self: { label: 'label', id: '1' } },
      { self: { id: '1' } },
      { self: { label: 'label', id: '1' } },
    ]);
  });
});
