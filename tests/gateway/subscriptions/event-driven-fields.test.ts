import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createLiveEvents, type LiveEvents } from '@tessera/service/live-events';
import { createInProcessPubSubHub } from '@tessera/service/pubsub';
import { eventually } from '../../support/eventually.js';
import { quietLogger } from '../../support/leftovers.js';
import { someClaims } from '../../support/token-issuer.js';
import { startEventGraph, type EventGraph } from '../support/event-graph.js';
import type { RawSocket } from '../support/raw-socket.js';

let graph: EventGraph;
let events: LiveEvents;
const statuses = new Map([
  ['1', 'paid'],
  ['2', 'sent'],
]);
const tenantId = randomUUID();
const member = () => someClaims({ tid: tenantId });
const open: RawSocket[] = [];

beforeAll(async () => {
  const pubSub = createInProcessPubSubHub();
  events = createLiveEvents({ pubSub, logger: quietLogger(), lifecycle: { defer: () => undefined } });
  graph = await startEventGraph({ statuses, adapters: { pubSub, liveEvents: events } });
});

afterEach(async () => {
  for (const { socket } of open.splice(0)) socket.terminate();
  await upstreams(0);
  graph.orders.forgetRequests();
  graph.people.forgetRequests();
});

afterAll(() => graph.close());

const upstreams = (count: number): Promise<void> =>
  eventually(async () => (await graph.metric('graphql_subscription_upstreams_active')) === count);

async function subscribe(
  claims: ReturnType<typeof someClaims>,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<RawSocket> {
  const socket = await graph.signIn(claims);
  open.push(socket);
  socket.send({ id: 'a', type: 'subscribe', payload: { query, variables } });
  return socket;
}

const answerOf = async (socket: RawSocket): Promise<unknown> => (await socket.next()).payload;
const codeOf = async (socket: RawSocket): Promise<unknown> => {
  const { type, payload } = await socket.next();
  expect(type).toBe('error');
  return (payload as readonly { readonly extensions: { readonly code: string } }[])[0]?.extensions.code;
};

test('an event that names an entity is completed by the field’s subgraph and by others, which hold no sockets', async () => {
  const query = `subscription ($id: ID!, $upper: Boolean) {
    changed: orderChanged(id: $id) { ...Parts total buyer { name } }
  }
  fragment Parts on Order { state: status(upper: $upper) }`;
  const socket = await subscribe(member(), query, { id: '1', upper: true });
  await upstreams(1);

  await events.publish(`orders.${tenantId}.1`, { id: '1' });

  expect(await answerOf(socket)).toEqual({
    data: { changed: { state: 'PAID', total: 100, buyer: { name: 'Name of buyer of 1' } } },
  });
  expect(graph.orders.requests).toHaveLength(1);
  expect(graph.people.requests).toHaveLength(1);
  expect(graph.faultyRequests()).toEqual([]);
});

test('an event may name several entities, of which some are not there', async () => {
  const socket = await subscribe(member(), 'subscription { ordersChanged { id status } }');
  await upstreams(1);

  await events.publish(`orders.${tenantId}`, [{ id: '2' }, { id: 'none' }, { id: '1' }]);

  expect(await answerOf(socket)).toEqual({
    data: { ordersChanged: [{ id: '2', status: 'sent' }, null, { id: '1', status: 'paid' }] },
  });
});

test('errors of the field’s subgraph are at their place in the event', async () => {
  const socket = await subscribe(member(), 'subscription { ordersChanged { id hidden: secret } }');
  await upstreams(1);

  await events.publish(`orders.${tenantId}`, [{ id: '2' }]);

  expect(await answerOf(socket)).toMatchObject({
    data: { ordersChanged: [{ id: '2', hidden: null }] },
    errors: [{ path: ['ordersChanged', 0, 'hidden'] }],
  });
});

test('an event that is the field’s value is answered without asking anybody, in the form that was asked for', async () => {
  const query = `subscription { priceChanged {
    amount: cents __typename ...More history(last: 1) { cents }
  } }
  fragment More on Price { product { name } product { label: name } }`;
  const socket = await subscribe(member(), query);
  await upstreams(1);

  await events.publish(`prices.${tenantId}`, {
    cents: 5,
    product: { name: 'Tea', hidden: true },
    history: [{ cents: 4 }],
  });

  expect(await answerOf(socket)).toEqual({
    data: {
      priceChanged: {
        amount: 5,
        __typename: 'Price',
        product: { name: 'Tea', label: 'Tea' },
        history: [{ cents: 4 }],
      },
    },
  });
  expect(graph.orders.requests).toHaveLength(0);
});

test('fragments on an interface go by the event’s __typename, without which the event is an error', async () => {
  const query = 'subscription { found { id ... on Note { text } ... on Order { total } } }';
  const socket = await subscribe(member(), query);
  await upstreams(1);

  await events.publish('found', { __typename: 'Note', id: 'n', text: 'found' });
  await events.publish('found', { id: 'n', text: 'found' });

  expect(await answerOf(socket)).toEqual({ data: { found: { id: 'n', text: 'found' } } });
  expect(await answerOf(socket)).toMatchObject({
    data: { found: null },
    errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
  });
});

test('a value that does not fit the schema is an error of its event, and the stream goes on', async () => {
  const socket = await subscribe(member(), 'subscription { priceChanged { cents } }');
  await upstreams(1);

  await events.publish(`prices.${tenantId}`, { cents: null });
  await events.publish(`prices.${tenantId}`, { cents: 1 });

  expect(await answerOf(socket)).toMatchObject({ data: null, errors: [{ path: ['priceChanged', 'cents'] }] });
  expect(await answerOf(socket)).toEqual({ data: { priceChanged: { cents: 1 } } });
});

test('each hears the events of their own tenant and of themselves alone', async () => {
  const [mine, others] = [member(), someClaims({ tid: randomUUID() })];
  const prices = [mine, others].map((claims) => subscribe(claims, 'subscription { priceChanged { cents } }'));
  const notes = [mine, others].map((claims) => subscribe(claims, 'subscription { noteChanged { text } }'));
  await upstreams(4);

  await events.publish(`prices.${mine.tid}`, { cents: 1 });
  await events.publish(`prices.${others.tid}`, { cents: 2 });
  await events.append(`notes.${mine.sub}`, { text: 'to me' });
  await events.append(`notes.${others.sub}`, { text: 'to others' });

  const answers = await Promise.all([...prices, ...notes].map(async (socket) => answerOf(await socket)));
  expect(answers.map((answer) => (answer as { readonly data: unknown }).data)).toEqual([
    { priceChanged: { cents: 1 } },
    { priceChanged: { cents: 2 } },
    { noteChanged: { text: 'to me' } },
    { noteChanged: { text: 'to others' } },
  ]);
});

test('who comes back with the id of an event of a stream gets all that came after it, once, and then what comes', async () => {
  const person = member();
  const query = 'subscription { noteChanged { text } }';
  const watch = async (lastEventId: string | null): Promise<RawSocket> => {
    const socket = await graph.signIn(person);
    open.push(socket);
    socket.send({ id: 'a', type: 'subscribe', payload: { query, extensions: { lastEventId } } });
    return socket;
  };
  const write = (text: string): Promise<string> => events.append(`notes.${person.sub}`, { id: text, text });
  const told = async (socket: RawSocket, count: number): Promise<unknown[]> => {
    const answers = [];
    for (let answer = 0; answer < count; answer += 1) answers.push(await answerOf(socket));
    return answers;
  };
  const answer = (text: string, eventId: string) => ({ data: { noteChanged: { text } }, extensions: { eventId } });
  const ids = [await write('one'), await write('two')];
  const first = await watch(null);
  expect(await told(first, 1)).toEqual([{ data: null, extensions: { eventId: ids[1] } }]);
  ids.push(await write('three'));
  expect(await told(first, 1)).toEqual([answer('three', ids[2] ?? '')]);
  first.socket.terminate();

  ids.push(await write('four'));
  const second = await watch(ids[0] ?? null);
  const caughtUp = await told(second, 3);
  ids.push(await write('five'));

  expect([...caughtUp, ...(await told(second, 1))]).toEqual(
    ['two', 'three', 'four', 'five'].map((text, index) => answer(text, ids[index + 1] ?? '')),
  );
});

test('who missed more events of a stream than are buffered for one subscriber gets all of them', async () => {
  const person = member();
  const texts = Array.from({ length: 800 }, (_, index) => `note ${index}`);
  const ids = [];
  for (const text of texts) ids.push(await events.append(`notes.${person.sub}`, { id: text, text }));

  const socket = await graph.signIn(person);
  open.push(socket);
  const query = 'subscription { noteChanged { text } }';
  socket.send({ id: 'a', type: 'subscribe', payload: { query, extensions: { lastEventId: ids[0] } } });

  for (const text of texts.slice(1)) expect(await answerOf(socket)).toMatchObject({ data: { noteChanged: { text } } });
});

test('an id of which the stream keeps nothing is refused', async () => {
  const socket = await graph.signIn(member());
  open.push(socket);
  const query = 'subscription { noteChanged { text } }';
  socket.send({ id: 'a', type: 'subscribe', payload: { query, extensions: { lastEventId: 'yesterday' } } });

  expect(await codeOf(socket)).toBe('BAD_USER_INPUT');
});

test.each(['*', '1.2', '?', '../1', `1}{`, 'a b', ''])(
  'the argument %j is refused, for it would lead to other channels',
  async (id) => {
    const query = 'subscription ($id: ID!) { orderChanged(id: $id) { id } }';

    expect(await codeOf(await subscribe(member(), query, { id }))).toBe('BAD_USER_INPUT');
  },
);

test('who is in no tenant cannot listen to a tenant’s channel', async () => {
  const socket = await subscribe(someClaims(), 'subscription { priceChanged { cents } }');

  expect(await codeOf(socket)).toBe('FORBIDDEN');
});

test('members of a tenant share the stream of a field that says so; others have their own', async () => {
  for (const claims of [member(), member(), someClaims({ tid: randomUUID() })]) {
    await subscribe(claims, 'subscription { priceChanged { cents } }');
  }
  await eventually(async () => (await graph.metric('graphql_subscriptions_active')) === 3);
  await upstreams(2);
});
