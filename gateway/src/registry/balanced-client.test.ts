import { expect, test } from '@jest/globals';
import { AppError } from '@tessera/service/errors';
import { anonymousPrincipal, encodePrincipal } from '@tessera/service/identity';
import type { RequestContext } from '../context.js';
import type { SubgraphOperation } from '../execution/subgraph-client.js';
import { createBalancedClient } from './balanced-client.js';

const context: RequestContext = {
  requestId: 'r',
  traceparent: '',
  principal: anonymousPrincipal,
  encodedPrincipal: encodePrincipal(anonymousPrincipal),
  clientName: '',
  clientVersion: '',
  signal: new AbortController().signal,
};

/** Two instances of `a`, one of `b`; each answers with its URL unless it is among those that are down. */
function setUp(cause?: unknown) {
  const down = new Set<string>();
  const asked: string[] = [];
  let nowMs = 0;
  const client = createBalancedClient({
    urls: new Map([
      ['a', ['a1', 'a2']],
      ['b', ['b1']],
    ]),
    createClient: (subgraphs) => ({
      async send({ operation }) {
        const url = subgraphs.get(operation.subgraph)?.url ?? '';
        asked.push(url);
        if (down.has(url)) throw new AppError('SUBGRAPH_UNAVAILABLE', 'down', { cause });
        return { data: { url }, errors: [] };
      },
      close: async () => undefined,
    }),
    now: () => nowMs,
  });
  const send = (subgraph: string, kind: SubgraphOperation['kind'] = 'query') =>
    client.send(
      { operation: { subgraph, kind, query: '', operationName: undefined, bodyHead: '' }, variables: undefined },
      context,
    );
  return { down, asked, send, pass: (durationMs: number) => (nowMs += durationMs) };
}

test('instances are asked in turn', async () => {
  const { asked, send } = setUp();

  for (let time = 0; time < 4; time += 1) await send('a');
  await send('b');

  expect(asked).toEqual(['a1', 'a2', 'a1', 'a2', 'b1']);
});

test('a query that an instance does not answer goes to the next, and the instance rests for a second', async () => {
  const { down, asked, send, pass } = setUp();
  down.add('a1');

  for (let time = 0; time < 3; time += 1) expect((await send('a')).data).toEqual({ url: 'a2' });
  expect(asked.filter((url) => url === 'a1')).toHaveLength(1);

  down.clear();
  pass(1_001);
  for (let time = 0; time < 2; time += 1) await send('a');
  expect(asked.filter((url) => url === 'a1')).toHaveLength(2);
});

test('a mutation that may have begun is not sent again', async () => {
  const { down, asked, send } = setUp(new Error('cut off'));
  down.add('a1');

  await expect(send('a', 'mutation')).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
  expect(asked).toEqual(['a1']);
});

test('a mutation that certainly did not arrive is sent to the next instance', async () => {
  const { down, send } = setUp(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
  down.add('a1');

  expect((await send('a', 'mutation')).data).toEqual({ url: 'a2' });
});

test('where no instance answers, the last failure is told', async () => {
  const { down, send } = setUp();
  down.add('a1').add('a2');

  await expect(send('a')).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
});
