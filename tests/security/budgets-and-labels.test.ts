import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodePrincipal, principalHeader } from '@tessera/service/identity';
import { startForKnownCallers } from '../gateway/support/known-callers.js';
import { answerOver } from '../gateway/support/limited-requests.js';
import { openRawSocket } from '../gateway/support/raw-socket.js';
import type { RunningGateway } from '../gateway/support/running-gateway.js';
import { createLeftovers } from '../support/leftovers.js';
import { someClaims, type TokenIssuer } from '../support/token-issuer.js';
import { closedLabels, familiesOf, familyOf, isSample, labelsOf, samplesOf } from './support/prometheus-text.js';

const leftovers = createLeftovers();
const burst = 6;
const query = '{ openAlerts }';
let issuer: TokenIssuer;
let running: RunningGateway;

beforeAll(async () => {
  ({ issuer, running } = await startForKnownCallers(leftovers, {
    environment: {
      MAX_CONCURRENT_OPERATIONS: '0',
      RATE_LIMIT_ANONYMOUS: `1/h burst ${burst}`,
      RATE_LIMIT_PERSON: `1/h burst ${burst}`,
      RATE_LIMIT_PLANS: `*=1/h burst ${burst}`,
      METRICS_MAX_CLIENTS: '20',
    },
  }));
});
afterAll(() => leftovers.close());

const bearer = async (claims: ReturnType<typeof someClaims>) => ({
  authorization: `Bearer ${await issuer.issue(claims)}`,
});

/** How many of a caller's requests are let through, one after another. */
async function allowed(headers: Readonly<Record<string, string>>, body: object = { query }): Promise<number> {
  let count = 0;
  while (count <= burst && (await running.post(body, headers)).status === 200) count += 1;
  return count;
}

describe('whose budget is spent', () => {
  const victim = someClaims({ tid: randomUUID() });
  const { tid = '' } = victim;
  const pretended = {
    ...{ 'x-tenant-id': tid, 'x-user-id': victim.sub, 'tenant-id': tid, 'x-forwarded-for': '198.51.100.7' },
    ...{ 'x-real-ip': '198.51.100.7', forwarded: 'for=198.51.100.7', 'apollographql-client-name': tid },
    [principalHeader]: encodePrincipal({ kind: 'user', userId: victim.sub, tenantId: tid, roles: [], scopes: [] }),
  };

  test.each([
    ['headers that name another tenant and person', (claims: typeof victim) => claims],
    ['a person whose id is that of the tenant', (claims: typeof victim) => ({ ...claims, sub: tid })],
    ['a person whose id holds the other’s and separators', (claims: typeof victim) => ({ ...claims, sub: `x:${tid}` })],
    ['a tenant whose id begins with the other’s', (claims: typeof victim) => ({ ...claims, tid: `${tid}:x` })],
    ['a tenant whose id ends a key’s braces', (claims: typeof victim) => ({ ...claims, tid: `${tid}}:tenant:${tid}` })],
    [
      'a tenant whose id is the other’s in capitals',
      (claims: typeof victim) => ({ ...claims, tid: tid.toUpperCase() }),
    ],
  ])('is the caller’s own with %s', async (_what, change) => {
    const attacker = await bearer(change(someClaims({ tid: randomUUID() })));

    const got = await allowed({ ...pretended, ...attacker }, { query, extensions: { tenantId: tid } });

    // What they claim buys them nothing either.
    expect(got).toBeLessThanOrEqual(burst);
  });

  test('is the address’s own for who says over a socket to be elsewhere', async () => {
    const socket = await openRawSocket(running.socketUrl);
    leftovers.defer('socket', () => socket.socket.terminate());
    await socket.initialise(pretended);
    let refused: unknown;

    for (let index = 0; index <= burst; index += 1) {
      refused = (await answerOver(socket, String(index), query)).extensions?.['code'];
    }

    expect(refused).toBe('RATE_LIMITED');
    expect((await running.post({ query })).status).toBe(429);
  });

  test('and nothing of it was the victim’s', async () => {
    expect(await allowed(await bearer(victim))).toBe(burst);
  });
});

describe('what is counted of clients', () => {
  const names = [
    'a"} 1\nforged_metric{service="gateway"} 1\n# ',
    'b\\',
    'c\u2028d',
    '__proto__',
    'constructor',
    'le',
    '{tenantId}',
  ];

  test('holds no series, no label and no line that a client has made up', async () => {
    const claims = someClaims({ tid: randomUUID() });
    const authorization = await bearer(claims);
    const before = familiesOf(await running.metrics());
    for (const name of names) {
      const socket = await openRawSocket(running.socketUrl);
      await socket.initialise({ ...authorization, 'apollographql-client-name': name, 'x-client-version': name });
      await answerOver(socket, '1', `query ${/^\w+$/.test(name) ? name : 'Named'} { openAlerts }`);
      socket.socket.terminate();
    }

    const text = await running.metrics();

    const lines = samplesOf(text);
    expect(lines.filter((line) => !isSample(line) || !before.has(familyOf(line)))).toEqual([]);
    expect([...familiesOf(text)].filter((family) => !before.has(family))).toEqual([]);
    // Labels are of closed sets, and of names that clients have: nobody's id is one, nor what they ask of whom.
    const secrets = [claims.sub, claims.sid, String(claims.tid), authorization.authorization, '127.0.0.1'];
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    expect([...labelsOf(lines)].filter((label) => !closedLabels.has(label))).toEqual([]);
  });
});
