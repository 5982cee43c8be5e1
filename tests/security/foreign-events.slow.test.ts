import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startEventGraphOverRedis, type EventGraphOverRedis } from '../gateway/support/event-graph-over-redis.js';
import type { ProtocolMessage } from '../gateway/support/raw-socket.js';
import { describeWithRedis } from '../support/redis-server.js';
import { someClaims } from '../support/token-issuer.js';

const victim = someClaims({ tid: randomUUID() });
const { tid = '' } = victim;
const noteQuery = 'subscription { noteChanged { text } }';

describeWithRedis('what happens to somebody else', () => {
  let over: EventGraphOverRedis;
  let client: EventGraphOverRedis['client'];
  let graph: EventGraphOverRedis['graph'];
  beforeAll(async () => {
    over = await startEventGraphOverRedis();
    ({ client, graph } = over);
  });
  afterAll(() => over.close());

  const subscribe = async (claims: typeof victim, payload: object): Promise<() => Promise<ProtocolMessage>> => {
    const { send, next } = await graph.signIn(claims);
    send({ id: 'a', type: 'subscribe', payload });
    return next;
  };
  const write = async (person: string, text: string): Promise<string> =>
    String(await client.xadd(`tessera:{live}:notes.${person}`, '*', 'event', JSON.stringify({ id: text, text })));
  const codeOf = ({ payload }: ProtocolMessage): unknown =>
    (payload as readonly { readonly extensions: { readonly code: string } }[])[0]?.extensions.code;

  test('is not read again by who names an event of theirs as the last one seen', async () => {
    const secrets = [await write(victim.sub, 'secret 1'), await write(victim.sub, 'secret 2')];
    const attacker = someClaims({ tid });
    await write(attacker.sub, 'own');

    for (const lastEventId of ['0-0', ...secrets]) {
      const next = await subscribe(attacker, { query: noteQuery, extensions: { lastEventId } });
      await write(victim.sub, 'secret 3');
      await write(attacker.sub, 'own again');

      let message = await next();
      const heard = [JSON.stringify(message)];
      while (message.type === 'next' && !heard.at(-1)?.includes('own again')) {
        message = await next();
        heard.push(JSON.stringify(message));
      }

      // Old ids may lie before the attacker's own stream: then it says so, and nothing else.
      expect(heard.filter((text) => text.includes('secret'))).toEqual([]);
      expect(heard.at(-1)).toMatch(/own again|PRECONDITION_FAILED/);
    }
  });

  test.each([
    ['a name of theirs after it', `notes.${victim.sub}`],
    ['their key', `tessera:{live}:notes.${victim.sub}`],
    ['an id and more', `0-0 ${victim.sub}`],
    ['two keys', `0-0\r\nXREAD STREAMS tessera:{live}:notes.${victim.sub} 0-0`],
    ['a special id', '$'],
    ['another special id', '>'],
    ['a range', '-'],
    ['a plus', '+'],
  ])('is not heard behind an id that is none: %s', async (_what, lastEventId) => {
    const next = await subscribe(someClaims({ tid }), { query: noteQuery, extensions: { lastEventId } });

    expect(codeOf(await next())).toBe('BAD_USER_INPUT');
  });

  test.each([
    ['a pattern', '*'],
    ['the beginning of theirs and a pattern', `${tid.slice(0, 8)}*`],
    ['theirs with a part behind it', `${tid}.1`],
    ['theirs in a way up', `x/../${tid}`],
    ['a way out of the name', `x} {${tid}`],
    ['nothing', ''],
  ])('is not heard by a tenant whose id is %s', async (_what, id) => {
    const next = await subscribe(someClaims({ tid: id }), { query: 'subscription { priceChanged { cents } }' }).catch(
      () => undefined,
    );
    const channel = `tessera:channel:live:prices.${tid}`;

    // Nobody listens there, by whatever name.
    if (next !== undefined) expect(['FORBIDDEN', 'UNAUTHENTICATED']).toContain(codeOf(await next()));
    expect(await client.publish(channel, '{"cents":1}')).toBe(0);
    expect(await client.pubsub('NUMPAT')).toBe(0);
  });

  test.each([`${tid}.1`, `../${tid}.1`, `1.${tid}`, `*`, `1\n${tid}`, `1}.{tenantId`])(
    'is not heard by an argument that spells their channel: %j',
    async (id) => {
      const query = 'subscription ($id: ID!) { orderChanged(id: $id) { id } }';
      const next = await subscribe(someClaims({ tid: randomUUID() }), { query, variables: { id } });

      expect(codeOf(await next())).toBe('BAD_USER_INPUT');
    },
  );
});
