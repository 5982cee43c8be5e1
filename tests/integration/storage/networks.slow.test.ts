import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDomainEvent } from '@tessera/service/events';
import { noSecurityPolicy, securityPolicyEventType } from '@tessera/service/security-policy';
import { runSql } from '../../support/postgres-server.js';
import { aUser } from '../../support/subgraph-harness.js';
import { createUpload, sendBytes, startStorage, storeFile, type StorageHarness } from './storage-harness.js';

const inside = '203.0.113.9';
const outside = '198.51.100.7';
let harness: StorageHarness;

beforeAll(async () => {
  harness = await startStorage({ TRUSTED_PROXIES: 'loopback' });
}, 60_000);

afterAll(() => harness.stop());

/** What the tenant subgraph announces. */
const announce = (tenantId: string, version: number, networks: string[]) =>
  harness.deliver(
    createDomainEvent({
      type: securityPolicyEventType,
      tenantId,
      payload: { ...noSecurityPolicy, signInWays: [], version, networks },
    }),
  );

const body = Buffer.from('of the tenant');

/** A member of a tenant that wants to be asked from one network, and a file of theirs. */
async function confined() {
  const tenantId = randomUUID();
  const member = aUser({ tenantId });
  const id = await storeFile(harness, member, { body });
  const urlOf = async (seconds = 900): Promise<string> => {
    const query = `query ($id: ID!) { file(id: $id) { downloadUrl(expiresInSeconds: ${seconds}) } }`;
    return (await harness.request(member, query, { id })).data.file.downloadUrl as string;
  };
  return { tenantId, member, urlOf };
}

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

async function refusalOf(response: Response): Promise<unknown> {
  const { errors } = (await response.json()) as { readonly errors: readonly { readonly extensions: unknown }[] };
  return errors[0]?.extensions;
}

const notFromThere = { code: 'FORBIDDEN', details: { reason: 'ADDRESS_NOT_ALLOWED', address: outside } };
const secondsLeft = (url: string): number =>
  Number(new URL(url).searchParams.get('expires')) - Math.floor(Date.now() / 1_000);

describe('files of a tenant with networks of its own', () => {
  test('are given from there alone, also by a URL of before', async () => {
    const { tenantId, urlOf } = await confined();
    const url = await urlOf();
    const before = await fetch(url, from(outside));
    await announce(tenantId, 1, ['203.0.113.0/24']);

    const [within, without, head] = [
      await fetch(url, from(inside)),
      await fetch(url, from(outside)),
      await fetch(url, { ...from(outside), method: 'HEAD' }),
    ];

    expect([before.status, within.status, without.status, head.status]).toEqual([200, 200, 403, 403]);
    expect(await within.text()).toBe(String(body));
    expect(await refusalOf(without)).toMatchObject(notFromThere);
    // What a client says of itself stands further left than what the proxy says.
    expect((await fetch(url, from(`${inside}, ${outside}`))).status).toBe(403);
  });

  test('are taken from there alone', async () => {
    const { tenantId, member } = await confined();
    await announce(tenantId, 1, ['203.0.113.0/24']);
    const { upload } = await createUpload(harness, member, { size: body.length });

    const without = await sendBytes(upload, body, from(outside).headers);
    const within = await sendBytes(upload, body, from(inside).headers);

    expect(await refusalOf(without)).toMatchObject(notFromThere);
    expect(within.status).toBe(200);
  });

  test('have URLs that are over in a minute, whatever is asked for', async () => {
    const { tenantId, member, urlOf } = await confined();
    const free = secondsLeft(await urlOf(86_400));
    await announce(tenantId, 1, ['203.0.113.0/24']);

    const [confinedUrl, short] = [await urlOf(86_400), await urlOf(5)];
    const { upload } = await createUpload(harness, member, { size: 3 });

    expect(free).toBeGreaterThan(86_000);
    expect(secondsLeft(confinedUrl)).toBeLessThanOrEqual(60);
    expect(secondsLeft(short)).toBeLessThanOrEqual(5);
    expect(secondsLeft(upload.url)).toBeLessThanOrEqual(300);
  });

  test('are given to everybody again once it names none, and an announcement that comes late changes nothing', async () => {
    const { tenantId, urlOf } = await confined();
    await announce(tenantId, 2, []);
    await announce(tenantId, 1, ['203.0.113.0/24']);

    const url = await urlOf();

    expect((await fetch(url, from(outside))).status).toBe(200);
    expect(secondsLeft(url)).toBeGreaterThan(800);
  });

  test('are no other tenant’s business: neither their files nor, by SQL, the networks', async () => {
    const [one, other] = [await confined(), await confined()];
    await announce(one.tenantId, 1, ['203.0.113.0/24']);

    const url = await other.urlOf();
    const asOther = [`set app.tenant_id = '${other.tenantId}'`];
    const seen = await runSql(harness.databaseUrl, ...asOther, 'select * from tenant_networks');
    const changed = await runSql(
      harness.databaseUrl,
      ...asOther,
      `update tenant_networks set networks = '{}' returning 1`,
    );

    expect((await fetch(url, from(outside))).status).toBe(200);
    expect([seen, changed]).toEqual([[], []]);
  });

  test('ask who may not have a URL for nothing: without a signature that fits nobody is told of networks', async () => {
    const { tenantId, urlOf } = await confined();
    const url = new URL(await urlOf());
    await announce(tenantId, 1, ['203.0.113.0/24']);
    url.searchParams.set('signature', 'AAAA');

    const refused = await refusalOf(await fetch(url, from(outside)));

    expect(refused).toMatchObject({ code: 'FORBIDDEN' });
    expect(refused).not.toHaveProperty('details');
  });
});
