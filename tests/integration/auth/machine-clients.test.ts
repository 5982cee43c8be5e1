import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { tenantStatusEventType } from '@tessera/service/tenancy';
import { decodeJwt } from 'jose';
import { startRunningGateway, type RunningGateway } from '../../gateway/support/running-gateway.js';
import { startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { aUser, principalSecret } from '../../support/subgraph-harness.js';

let harness: AuthHarness;
let gateway: RunningGateway;

beforeAll(async () => {
  harness = await startAuthHarness();
  gateway = await startRunningGateway({
    environment: {
      JWKS_URL: `${harness.url}/.well-known/jwks.json`,
      API_KEYS_URL: harness.url,
      PRINCIPAL_SECRET: principalSecret,
      RATE_LIMITS: 'none',
    },
    adapters: { pubSub: harness.pubSub },
  });
}, 60_000);

afterAll(async () => {
  await gateway.close();
  await harness.stop();
});

const fields = 'client { id name scopes createdAt lastUsedAt formerSecretUntil revokedAt } secret';
/** Somebody who has just signed in, and administers a tenant. */
async function anAdmin(inTenant: string = randomUUID()) {
  const { principal } = await harness.signUp(`admin-${randomUUID()}`);
  const { tenantId, roles, scopes } = aUser({ tenantId: inTenant, role: 'TENANT_ADMIN' });
  return { ...principal, tenantId, roles, scopes };
}

interface NewClient {
  readonly client: { readonly id: string };
  readonly secret: string;
}

async function createClient(principal: Principal, scopes: readonly string[] = ['files:read', 'files:write']) {
  const query = `mutation ($input: CreateMachineClientInput!) { createMachineClient(input: $input) { ${fields} } }`;
  const answer = await harness.request(principal, query, { input: { name: 'importer', scopes } });
  return answer.data.createMachineClient as NewClient;
}

const rotate = (principal: Principal, id: string, overlapSeconds: number) =>
  harness.request(
    principal,
    `mutation ($input: RotateMachineClientSecretInput!) { rotateMachineClientSecret(input: $input) { ${fields} } }`,
    { input: { id, overlapSeconds } },
  );

const revoke = (principal: Principal, id: string) =>
  harness.request(principal, 'mutation ($id: ID!) { revokeMachineClient(id: $id) { revokedAt } }', { id });

/** Asks the gateway for a token, as an OAuth client does. */
async function fetchToken({ client, secret }: NewClient, more: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${gateway.origin}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client.id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...more }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, string>,
  };
}

const whoAmI = (token = '') => gateway.post({ query: '{ whoAmI }' }, { authorization: `Bearer ${token}` });

describe('an API key', () => {
  test('that has expired takes no room from others', async () => {
    const admin = await anAdmin();
    const rotateKey = 'mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { apiKey { id } } }';
    const create = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }';
    const input = { name: 'ci', scopes: ['files:read'] };
    const { id } = (await harness.request(admin, create, { input })).data.createApiKey.apiKey;
    await harness.sql(`insert into api_key (id, tenant_id, name, scopes, token_hash, prefix, created_by, created_at, expires_at)
      select uuidv7(), tenant_id, name, scopes, sha256(n::text::bytea || tenant_id::text::bytea), prefix, created_by, now(), now()
      from api_key, generate_series(1, 200) as n where id = '${id}'`);

    expect((await harness.request(admin, create, { input })).errors).toBeUndefined();
    expect((await harness.request(admin, rotateKey, { input: { id, overlapSeconds: 0 } })).errors).toBeUndefined();
  });

  test('is not rotated by who has not all of its scopes, and stays good', async () => {
    const admin = await anAdmin();
    const create = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { token apiKey { id } } }`;
    const input = { name: 'ci', scopes: ['files:read', 'members:manage'] };
    const { token, apiKey } = (await harness.request(admin, create, { input })).data.createApiKey;
    const keySmith: Principal = { ...(await anAdmin(admin.tenantId)), scopes: ['apiKeys:manage', 'files:read'] };
    const rotateKey = 'mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { token } }';

    const answer = await harness.request(keySmith, rotateKey, { input: { id: apiKey.id, overlapSeconds: 0 } });

    expect(answer.errors?.[0]).toMatchObject({
      message: 'You have not got yourself: members:manage',
      extensions: { code: 'FORBIDDEN' },
    });
    expect((await whoAmI(token)).code).toBeUndefined();
  });
});

describe('a machine client', () => {
  test('gets no other secret by who has not all of its scopes', async () => {
    const admin = await anAdmin();
    const { client } = await createClient(admin, ['files:read', 'members:manage']);
    const keySmith: Principal = { ...(await anAdmin(admin.tenantId)), scopes: ['apiKeys:manage', 'files:read'] };

    const answer = await rotate(keySmith, client.id, 0);

    expect(answer.errors?.[0]).toMatchObject({
      message: 'You have not got yourself: members:manage',
      extensions: { code: 'FORBIDDEN' },
    });
  });

  test('gets a token that acts in its tenant with its scopes, as nobody', async () => {
    const admin = await anAdmin();
    const made = await createClient(admin);

    const { status, headers, body } = await fetchToken(made);

    expect({ status, cache: headers.get('cache-control') }).toEqual({ status: 200, cache: 'no-store' });
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 1_800,
      scope: 'files:read files:write',
    });
    expect(decodeJwt(body['access_token'] ?? '')).toMatchObject({ sub: made.client.id, client_id: made.client.id });
    expect(JSON.parse(String((await whoAmI(body['access_token'])).body.data?.['whoAmI']))).toEqual({
      kind: 'key',
      userId: admin.userId,
      sessionId: made.client.id,
      apiKeyId: made.client.id,
      tenantId: admin.tenantId,
      roles: [],
      scopes: ['files:read', 'files:write'],
    });
  });

  test('may ask for fewer scopes, never for more', async () => {
    const made = await createClient(await anAdmin());

    expect((await fetchToken(made, { scope: 'files:read' })).body['scope']).toBe('files:read');
    expect(await fetchToken(made, { scope: 'files:read members:manage' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
  });

  test('may send its credentials in the body instead', async () => {
    const { client, secret } = await createClient(await anAdmin());

    const response = await fetch(`${gateway.origin}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: client.id, client_secret: secret }),
    });

    expect(response.status).toBe(200);
  });

  test.each([
    ['a wrong secret', (made: NewClient) => ({ ...made, secret: `tss_${'A'.repeat(43)}` })],
    ['an id of nothing', (made: NewClient) => ({ ...made, client: { id: randomUUID() } })],
    ['an id that is none', (made: NewClient) => ({ ...made, client: { id: "' or 1=1 --" } })],
  ])('is refused for %s, in the same words', async (_what, falsify) => {
    const answer = await fetchToken(falsify(await createClient(await anAdmin())));

    expect(answer).toMatchObject({
      status: 401,
      body: { error: 'invalid_client', error_description: 'The client or its secret is not right' },
    });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic/);
  });

  test('is refused other grants, and forms that are none', async () => {
    const made = await createClient(await anAdmin());
    const asJson = await fetch(`${gateway.origin}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"grant_type":"client_credentials"}',
    });

    expect((await fetchToken(made, { grant_type: 'password' })).body['error']).toBe('unsupported_grant_type');
    expect(asJson.status).toBe(400);
  });

  test('gets another secret, and the old one is good for as long as was said', async () => {
    const admin = await anAdmin();
    const made = await createClient(admin);
    const { data } = await rotate(admin, made.client.id, 600);
    const next: NewClient = data.rotateMachineClientSecret;

    expect((await fetchToken(made)).status).toBe(200);
    expect((await fetchToken(next)).status).toBe(200);

    await rotate(admin, made.client.id, 0);
    expect((await fetchToken(made)).status).toBe(401);
    expect((await fetchToken(next)).status).toBe(401);
  });

  test('is revoked with its tokens', async () => {
    const admin = await anAdmin();
    const made = await createClient(admin);
    const { body } = await fetchToken(made);
    expect((await whoAmI(body['access_token'])).status).toBe(200);

    await revoke(admin, made.client.id);

    await eventually(async () => (await whoAmI(body['access_token'])).code === 'UNAUTHENTICATED', 5_000);
    expect((await fetchToken(made)).status).toBe(401);
  });

  test('loses its tokens with its tenant', async () => {
    const admin = await anAdmin();
    const made = await createClient(admin);
    const { body } = await fetchToken(made);

    await harness.deliver(
      createDomainEvent({
        type: tenantStatusEventType,
        tenantId: admin.tenantId ?? '',
        payload: { status: 'SUSPENDED' },
      }),
    );

    await eventually(async () => (await whoAmI(body['access_token'])).code === 'UNAUTHENTICATED', 5_000);
    expect((await fetchToken(made)).status).toBe(401);
  });
});

describe('machine clients', () => {
  const codeOf = (answer: { errors?: readonly { extensions: { code: string } }[] }) =>
    answer.errors?.[0]?.extensions.code;
  const create = `mutation ($input: CreateMachineClientInput!) { createMachineClient(input: $input) { ${fields} } }`;
  const input = { name: 'importer', scopes: ['files:read'] };

  test('are made by people who may, for what they may themselves', async () => {
    const member = aUser({ tenantId: randomUUID() });
    const admin = await anAdmin();
    const key: Principal = { ...admin, kind: 'key', apiKeyId: randomUUID() };
    const impersonated: Principal = { ...admin, impersonatorId: randomUUID() };

    expect(codeOf(await harness.request(member, create, { input }))).toBe('FORBIDDEN');
    expect(codeOf(await harness.request(key, create, { input }))).toBe('UNAUTHENTICATED');
    expect(codeOf(await harness.request(impersonated, create, { input }))).toBe('FORBIDDEN');
    const scopes = ['apiKeys:manage'];
    const few: Principal = { ...admin, scopes };
    expect(codeOf(await harness.request(few, create, { input }))).toBe('FORBIDDEN');
    expect(codeOf(await harness.request(admin, create, { input: { name: '', scopes } }))).toBe('BAD_USER_INPUT');
    expect(codeOf(await harness.request(admin, create, { input: { name: 'a', scopes: ['x'] } }))).toBe(
      'BAD_USER_INPUT',
    );
  });

  test('of another tenant are not there', async () => {
    const made = await createClient(await anAdmin());
    const stranger = await anAdmin();

    expect(codeOf(await revoke(stranger, made.client.id))).toBe('NOT_FOUND');
    expect(codeOf(await rotate(stranger, made.client.id, 0))).toBe('NOT_FOUND');
    const { data } = await harness.request(stranger, '{ machineClients { nodes { id } totalCount } }');
    expect(data.machineClients).toEqual({ nodes: [], totalCount: 0 });
  });

  test('keep no secret, and are in the audit log', async () => {
    const admin = await anAdmin();
    const { client, secret } = await createClient(admin);
    await rotate(admin, client.id, 0);

    const rows = await harness.sql(`select * from machine_client where id = '${client.id}'`);
    expect(JSON.stringify(rows)).not.toContain(secret);
    const { data } = await harness.request(admin, '{ auditLog { nodes { action targetId } } }');
    expect(data.auditLog.nodes).toEqual([
      { action: 'machineClient.rotated', targetId: client.id },
      { action: 'machineClient.created', targetId: client.id },
    ]);
  });
});
