import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { createDocumentChecks } from '@tessera/gateway/document-checks';
import { checkDocument } from '@tessera/gateway/operations/check-document';
import { loadSupergraph } from '@tessera/gateway/planning/supergraph';
import { compose } from '../support/federation.js';
import { ask, startGatewayOver, type GatewayOver } from '../support/gateway-over.js';

const definitions = {
  only: {
    typeDefs: 'type Query { greeting: String  node: Node } type Node @key(fields: "id") { id: ID!  node: Node }',
    resolvers: { Query: { greeting: () => 'hello', node: () => ({ id: '1' }) } },
  },
};

const repeat = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ');
const padding = `#${'x'.repeat(5_000)}`;

/** Processor time of the thread that answers requests: of this one, for the gateway runs in it. */
function spentMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

describe('a document that is long', () => {
  let over: GatewayOver;

  beforeAll(async () => {
    over = await startGatewayOver(definitions, { environment: { MAX_ALIASES: '10' } });
  });

  afterAll(() => over.close());

  const codesOf = async (query: string): Promise<unknown[] | undefined> =>
    (await ask(over.url, query)).errors?.map(({ extensions }) => extensions?.['code']);

  test('is answered like a short one', async () => {
    expect(await ask(over.url, `{ greeting node { id } } ${padding}`)).toEqual({
      data: { greeting: 'hello', node: { id: '1' } },
    });
  });

  test.each([
    ['does not parse', `{ greeting ${padding}`, 'GRAPHQL_PARSE_FAILED'],
    ['does not validate', `{ nothing } ${padding}`, 'GRAPHQL_VALIDATION_FAILED'],
    ['passes a limit', `{ ${repeat(11, (index) => `a${index}: greeting`)} } ${padding}`, 'OPERATION_TOO_COMPLEX'],
    ['has too many tokens', `{ ${repeat(20_000, () => 'greeting')} }`, 'OPERATION_TOO_LARGE'],
    [
      'asks for the schema ten times',
      `{ ${repeat(10, () => '__schema { types { name } }')} } ${padding}`,
      'OPERATION_TOO_COMPLEX',
    ],
  ])('and %s is refused with the same code, also the second time', async (_what, query, code) => {
    expect(await codesOf(query)).toEqual([code]);
    expect(await codesOf(query)).toEqual([code]);
    // The place of the fault is told as for a short one.
    const [short, long] = [await ask(over.url, query.replace(padding, '')), await ask(over.url, query)];
    expect(long.errors?.[0]?.message).toBe(short.errors?.[0]?.message);
  });

  test('takes no time of the thread that answers everybody', async () => {
    const checks = createDocumentChecks(loadGatewayConfig({}), loadSupergraph(over.supergraphSdl).publicSchema);
    const numbers = [1, 2, 3, 4, 5];
    const make = (name: string) => (number: number) =>
      `query (${repeat(2_900, (index) => `$${name}${number}x${index}: Int`)}) { greeting }`;
    const here = numbers.map(make('here'));
    const sent = numbers.map(make('sent'));
    const startedAtMs = spentMs();

    for (const source of here) expect(() => checkDocument(source, checks)).toThrow();
    const checkedAtMs = spentMs();
    for (const source of sent) expect(await codesOf(source)).toContain('GRAPHQL_VALIDATION_FAILED');

    expect(spentMs() - checkedAtMs).toBeLessThan((checkedAtMs - startedAtMs) * 0.75);
  });

  test('is inspected once, however many send it at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => codesOf(`{ unknown } ${padding}`)));

    expect(new Set(answers.map(String))).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
  });
});

test('a long document in use is inspected over another supergraph only where something of it has changed', async () => {
  const over = await startGatewayOver(definitions);
  let threads = 0;
  const count = (): void => void (threads += 1);
  const { typeDefs } = definitions.only;
  const { url } = over.subgraph('only');
  const threadsFor = async (changed: string): Promise<number> => {
    const before = threads;
    await over.gateway.offerSupergraph(compose({ only: { typeDefs: changed, url } }));
    expect(await ask(over.url, `{ greeting } ${padding}`)).toEqual({ data: { greeting: 'hello' } });
    return threads - before;
  };
  try {
    await ask(over.url, `{ greeting } ${padding}`);
    subscribe('worker_threads', count);

    expect(await threadsFor(typeDefs.replace('node: Node', ''))).toBe(0);
    expect(await threadsFor(typeDefs.replace('greeting:', '"Says hello" greeting:'))).toBe(1);
  } finally {
    unsubscribe('worker_threads', count);
    await over.close();
  }
});
