import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeClient, encodePrincipal, signPrincipal } from '@tessera/service/identity';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { freePort } from '../../support/free-port.js';
import { aUser, principalSecret, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';

let harness: SubgraphHarness;
let internalPort: number;

beforeAll(async () => {
  internalPort = await freePort();
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: {
      INVITATION_SECRET: 'a-secret-for-invitations-in-tests-only',
      MAIL_URL: 'console:',
      INTERNAL_PORT: String(internalPort),
    },
  });
}, 60_000);

afterAll(() => harness.stop());

const body = JSON.stringify({ query: '{ tenant { id } }' });
const request = { audience: 'tenant', method: 'POST', path: '/graphql', body };

function headersOf(secret: string, signedBody: string, nowMs: number): Record<string, string> {
  return { ...signPrincipal(secret, { ...request, body: signedBody }, { principal: encodePrincipal(aUser()) }, nowMs) };
}

async function send(headers: Record<string, string>): Promise<{ status: number; code: string | undefined }> {
  const response = await fetch(`${harness.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const answer = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return { status: response.status, code: answer.errors?.[0]?.extensions.code };
}

describe('a subgraph that is reached directly', () => {
  test('answers what a gateway signed', async () => {
    expect(await send(headersOf(principalSecret, body, Date.now()))).toEqual({ status: 200, code: undefined });
  });

  test('refuses an unsigned request', async () => {
    expect(await send({})).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  test('refuses another body under the same signature', async () => {
    const headers = headersOf(principalSecret, body.replace('id', 'name'), Date.now());

    expect(await send(headers)).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  test('refuses another principal under the same signature', async () => {
    const headers = headersOf(principalSecret, body, Date.now());

    expect(await send({ ...headers, 'x-tessera-principal': encodePrincipal(aUser()) })).toEqual({
      status: 401,
      code: 'UNAUTHENTICATED',
    });
  });

  test('refuses what was signed for another subgraph', async () => {
    const caller = { principal: encodePrincipal(aUser()) };
    const headers = { ...signPrincipal(principalSecret, { ...request, audience: 'user' }, caller, Date.now()) };

    expect(await send(headers)).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  test("refuses another client's details under the same signature", async () => {
    const headers = headersOf(principalSecret, body, Date.now());

    expect(await send({ ...headers, 'x-tessera-client': encodeClient({ address: '192.0.2.1' }) })).toEqual({
      status: 401,
      code: 'UNAUTHENTICATED',
    });
  });

  test('refuses a signature by another secret, and one that is a minute old', async () => {
    const stranger = headersOf('some-other-secret-of-thirty-two-bytes', body, Date.now());
    const stale = headersOf(principalSecret, body, Date.now() - 60_000);

    expect(await send(stranger)).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    expect(await send(stale)).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  test('serves no introspection and no SDL without a signature over GET either', async () => {
    const response = await fetch(`${harness.url}/graphql?query={_service{sdl}}`);

    expect(response.status).toBe(404);
  });

  test('shows its connection pool in the metrics', async () => {
    const metrics = await fetch(`http://127.0.0.1:${internalPort}/metrics`);

    expect(await metrics.text()).toMatch(/db_pool_connections\{service="tenant"\} \d+/);
  });

  test('says that it is alive and ready', async () => {
    const health = await fetch(`${harness.url}/health`);
    const ready = await fetch(`${harness.url}/ready`);

    expect(health.status).toBe(200);
    const checks = { database: 'up', 'database writes': 'up' };
    expect(await ready.json()).toEqual({ ready: true, status: 'ready', checks });
  });
});
