import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { someClaims } from '../../support/token-issuer.js';
import type { RawSocket } from '../support/raw-socket.js';
import { startTenantStreams, type TenantStreams } from '../support/tenant-streams.js';

let graph: TenantStreams;
const trusted = new Set<string>();
const open: RawSocket[] = [];
const tenantId = randomUUID();

beforeAll(async () => {
  graph = await startTenantStreams({
    environment: { FORWARD_HEADERS: 'x-region', DEDUPLICATE_IN_FLIGHT: 'false' },
    grantPolicies: (_policies, { principal }) => new Set(trusted.has(principal.userId ?? '') ? ['trusted'] : []),
  });
});

afterEach(async () => {
  for (const { socket } of open.splice(0)) socket.terminate();
  await graph.streams.untilStreams(0);
  await subscriptions(0);
});

afterAll(() => graph.close());

const subscriptions = (count: number): Promise<void> =>
  eventually(async () => (await graph.metric('graphql_subscriptions_active')) === count);

async function subscribe(
  claims: Partial<ReturnType<typeof someClaims>>,
  query: string,
  more?: Readonly<Record<string, unknown>>,
): Promise<RawSocket> {
  const socket = await graph.signIn(claims, more);
  open.push(socket);
  socket.send({ id: 'a', type: 'subscribe', payload: { query } });
  return socket;
}

/** Opens the same subscription for each. Resolves when all of them listen on so many streams of the subgraph. */
async function subscribeAll(
  people: readonly Partial<ReturnType<typeof someClaims>>[],
  query: string,
  upstreams: number,
): Promise<RawSocket[]> {
  const sockets = await Promise.all(people.map((claims) => subscribe(claims, query)));
  await subscriptions(people.length);
  await graph.streams.untilStreams(upstreams);
  return sockets;
}

const dataOf = async (socket: RawSocket): Promise<unknown> =>
  ((await socket.next()).payload as { readonly data: unknown }).data;

const member = (claims: Partial<ReturnType<typeof someClaims>> = {}) => someClaims({ tid: tenantId, ...claims });

test('two people on the same subscription have a stream each, and see only their own', async () => {
  const people = [member(), member()];
  const sockets = await subscribeAll(people, 'subscription { mine { value openedBy seenBy { name } } }', 2);

  graph.ticks.publish({ value: 1 });

  for (const [index, socket] of sockets.entries()) {
    const { sub } = people[index] ?? {};
    expect(await dataOf(socket)).toEqual({ mine: { value: 1, openedBy: sub, seenBy: { name: sub } } });
  }
});

test('one person’s equal subscriptions share a stream, and an event is completed once for all of them', async () => {
  const person = member();
  const query = 'subscription { mine { value seenBy { name } } }';
  const sockets = await subscribeAll([person, person, person], query, 1);
  const asked = graph.people.requests.length;

  for (const value of [1, 2]) graph.ticks.publish({ value });

  for (const socket of sockets) {
    for (const value of [1, 2]) {
      expect(await socket.next()).toEqual({
        id: 'a',
        type: 'next',
        payload: { data: { mine: { value, seenBy: { name: person.sub } } } },
      });
    }
  }
  expect(graph.people.requests.length - asked).toBe(2);
});

test('another session, other variables and other forwarded headers have streams of their own', async () => {
  const person = member();
  const query = 'subscription { mine { value } }';
  await subscribeAll([person, { ...person, sid: randomUUID() }], query, 2);

  await subscribe(person, 'subscription { mine(of: "b") { value } }');
  await subscribe(person, query, { 'x-region': 'north' });

  await graph.streams.untilStreams(4);
});

test('a field that is its tenant’s has one stream for all members with equal rights, however they are ordered', async () => {
  const scope = ['one two', 'two one', 'one two'];
  const members = scope.map((scopes) => member({ scope: scopes }));
  const sockets = await subscribeAll(members, 'subscription { ofTenant { value } }', 1);

  graph.ticks.publish({ value: 7 });

  for (const socket of sockets) expect(await dataOf(socket)).toEqual({ ofTenant: { value: 7 } });
});

test('other tenants, members with other rights and people without a tenant do not share a tenant’s stream', async () => {
  const people = [
    member(),
    member({ roles: ['TENANT_ADMIN'] }),
    member({ scope: 'metrics:read' }),
    member({ tid: randomUUID() }),
    someClaims(),
    someClaims(),
  ];

  await subscribeAll(people, 'subscription { ofTenant { value } }', people.length);
});

test('what another subgraph adds to a tenant’s event is asked for each member apart', async () => {
  const members = [member(), member()];
  const sockets = await subscribeAll(members, 'subscription { ofTenant { value seenBy { name } } }', 1);

  graph.ticks.publish({ value: 1 });

  for (const [index, socket] of sockets.entries()) {
    expect(await dataOf(socket)).toEqual({ ofTenant: { value: 1, seenBy: { name: members[index]?.sub } } });
  }
});

test('what only one member may see of a tenant’s event is not shown to another, before or after rights change', async () => {
  const members = [member(), member()];
  const [chosen, other] = members;
  trusted.add(chosen?.sub ?? '').add(other?.sub ?? '');
  const sockets = await subscribeAll(members, 'subscription { ofTenant { value secret } }', 1);
  const secrets = () => Promise.all(sockets.map(dataOf));

  graph.ticks.publish({ value: 1 });
  expect(await secrets()).toMatchObject([{ ofTenant: { secret: 'a secret' } }, { ofTenant: { secret: 'a secret' } }]);
  trusted.delete(other?.sub ?? '');
  graph.ticks.publish({ value: 2 });

  expect(await secrets()).toMatchObject([{ ofTenant: { secret: 'a secret' } }, { ofTenant: { secret: null } }]);
});

test('a stream outlives the subscriber that opened it, and ends with the last one', async () => {
  const members = [member(), member(), member()];
  const [first, second, third] = await subscribeAll(members, 'subscription { ofTenant { value } }', 1);

  first?.socket.terminate();
  second?.send({ id: 'a', type: 'complete' });
  await subscriptions(1);
  expect(graph.streams.openStreams()).toBe(1);
  graph.ticks.publish({ value: 3 });
  expect(third && (await dataOf(third))).toEqual({ ofTenant: { value: 3 } });
  expect(await graph.metric('graphql_subscription_upstreams_active')).toBe(1);

  third?.send({ id: 'a', type: 'complete' });

  await graph.streams.untilStreams(0);
});

test('who comes late to values of which the latest counts gets it at once', async () => {
  const [early] = await subscribeAll([member()], 'subscription { state { value } }', 1);
  for (const value of [1, 2]) graph.ticks.publish({ value });
  for (const value of [1, 2]) expect(early && (await dataOf(early))).toEqual({ state: { value } });

  const late = await subscribe(member(), 'subscription { state { value } }');

  expect(await dataOf(late)).toEqual({ state: { value: 2 } });
  expect(graph.streams.openStreams()).toBe(1);
});

test('a field that answers each subscriber apart is never shared', async () => {
  const person = member();

  await subscribeAll([person, person], 'subscription { apart { value } }', 2);
});
