import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ask, send } from '../support/graphql-client.js';
import { openLiveSocket } from '../support/live-socket.js';
import { createTenant, signUp, type PlatformUnderTest } from './people.js';

const create = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { token apiKey { id prefix scopes lastUsedAt } }
}`;
const track = `mutation { track(input: { events: [{ name: "signup" }] }) { accepted } }`;

/** Programs act in a tenant by its keys, as far as the keys go, until they are revoked. */
export function defineApiKeys(platform: () => PlatformUnderTest): void {
  /** A person in a tenant of their own, as its administrator. */
  async function anAdmin(name: string) {
    const { origin } = platform();
    const person = await signUp(origin, name);
    const { accessToken: token, tenantId } = await createTenant(origin, person, `${name} Works`);
    const newKey = async (scopes: readonly string[], more: object = {}) =>
      (await ask(origin, { query: create, variables: { input: { name: 'a program', scopes, ...more } }, token }))
        .createApiKey;
    return { origin, token, tenantId, userId: person.id, newKey };
  }

  test('a key does what its scopes say in its tenant, and nothing else', async () => {
    const { origin, tenantId, newKey, token: person } = await anAdmin('Kay');
    const { token, apiKey } = await newKey(['events:write']);

    expect(token.startsWith(apiKey.prefix)).toBe(true);
    expect(await ask(origin, { query: track, token })).toEqual({ track: { accepted: 1 } });
    expect((await send(origin, { query: '{ files { totalCount } }', token })).code).toBe('FORBIDDEN');
    expect(await ask(origin, { query: '{ me { id } }', token })).toEqual({ me: null });
    for (const query of ['mutation { signOut }', `mutation { switchTenant(tenantId: "${tenantId}") { expiresIn } }`]) {
      expect((await send(origin, { query, token })).code).toBe('UNAUTHENTICATED');
    }
    const { apiKeys } = await ask(origin, { query: '{ apiKeys { nodes { id lastUsedAt } } }', token: person });
    expect(apiKeys.nodes).toEqual([{ id: apiKey.id, lastUsedAt: expect.any(String) }]);
  });

  test('a key makes no keys, and nobody makes one that may do more than themselves', async () => {
    const { origin, newKey, token } = await anAdmin('Keith');
    const key = await newKey(['apiKeys:manage']);
    const input = { name: 'another', scopes: ['apiKeys:manage'] };

    expect((await send(origin, { query: create, variables: { input }, token: key.token })).code).toBe(
      'UNAUTHENTICATED',
    );
    const unheard = { name: 'another', scopes: ['everything:do'] };
    expect((await send(origin, { query: create, variables: { input: unheard }, token })).code).toBe('BAD_USER_INPUT');
  });

  test('a revoked key is refused within a second, and its open socket is closed', async () => {
    const { origin, newKey, token } = await anAdmin('Kim');
    const key = await newKey(['metrics:read']);
    const socket = await openLiveSocket(origin, key.token);
    await socket.subscribe('subscription { liveMetrics { at } }').first(() => true);

    await ask(origin, {
      query: 'mutation ($id: ID!) { revokeApiKey(id: $id) { revokedAt } }',
      variables: { id: key.apiKey.id },
      token,
    });

    await eventually(
      async () => (await send(origin, { query: '{ __typename }', token: key.token })).code === 'UNAUTHENTICATED',
      1_000,
    );
    expect((await socket.closed).code).toBe(4401);
    await socket.close();
  });

  test('a rotated key is good beside the new one for as long as was asked, and an expired one no more', async () => {
    const { origin, newKey, token } = await anAdmin('Kit');
    const old = await newKey(['events:write']);
    const rotate = `mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { token apiKey { scopes } } }`;
    const rotated = async (overlapSeconds: number) =>
      (await ask(origin, { query: rotate, variables: { input: { id: old.apiKey.id, overlapSeconds } }, token }))
        .rotateApiKey;

    const next = await rotated(60);
    expect(next.apiKey.scopes).toEqual(['events:write']);
    for (const { token: key } of [old, next]) expect(await ask(origin, { query: track, token: key })).toBeTruthy();
    const last = await newKey(['events:write'], { expiresAt: new Date(Date.now() + 1_500).toISOString() });
    expect(await ask(origin, { query: track, token: last.token })).toBeTruthy();
    await eventually(async () => (await send(origin, { query: track, token: last.token })).code === 'UNAUTHENTICATED');
  });

  test.each([['tsk_'], ['tsk_short'], [`tsk_${'A'.repeat(43)}`], [`tsk_${'A'.repeat(4_000)}`]])(
    'what looks like a key and is none is refused: %s',
    async (token) => {
      expect((await send(platform().origin, { query: '{ __typename }', token })).code).toBe('UNAUTHENTICATED');
    },
  );
}
