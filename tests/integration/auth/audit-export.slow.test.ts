import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@tessera/service/database';
import { createJobs } from '@tessera/service/jobs';
import { startRunningGateway, type RunningGateway } from '../../gateway/support/running-gateway.js';
import { principalOf, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { runSql } from '../../support/postgres-server.js';
import { principalSecret } from '../../support/subgraph-harness.js';

let harness: AuthHarness;
let gateway: RunningGateway;

beforeAll(async () => {
  harness = await startAuthHarness({
    SUPER_ADMIN_EMAILS: 'root@example.com',
    EMAIL_VERIFICATION: 'off',
    AUDIT_RETENTION_DAYS: '120',
  });
  gateway = await startRunningGateway({
    environment: {
      JWKS_URL: `${harness.url}/.well-known/jwks.json`,
      API_KEYS_URL: harness.url,
      PRINCIPAL_SECRET: principalSecret,
    },
    adapters: { pubSub: harness.pubSub },
  });
}, 180_000);

afterAll(async () => {
  await gateway.close();
  await harness.stop();
});

/** Adds lines to a tenant's log. */
const addLines = (tenantId: string, count: number, values = `now(), 'thing.done', 'success', 'service'`) =>
  harness.sql(`insert into audit_entry (id, tenant_id, occurred_at, action, outcome, actor_kind, details)
    select uuidv7(), '${tenantId}', ${values}, jsonb_build_object('number', n) from generate_series(1, ${count}) as n`);

/** The access token of somebody who has a role in a new tenant. */
async function aMember(name: string, role = 'TENANT_ADMIN') {
  const person = await harness.signUp(name);
  const tenantId = newId();
  harness.tenants.setRole(tenantId, person.userId, role);
  const { accessToken } = await harness.switchTenant(person.principal, tenantId);
  return { ...person, tenantId, accessToken, principal: principalOf(accessToken) };
}

const fetchLog = (accessToken: string | undefined, parameters: Readonly<Record<string, string>> = {}) =>
  fetch(`${gateway.origin}/audit-log/export?${new URLSearchParams(parameters)}`, {
    headers: accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` },
  });

async function linesOf(response: Response): Promise<readonly Record<string, unknown>[]> {
  const lines = (await response.text()).split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Opens an export, and reads nothing of it yet. */
async function openLog(accessToken: string): Promise<IncomingMessage> {
  const request = get(`${gateway.origin}/audit-log/export`, { headers: { authorization: `Bearer ${accessToken}` } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

const batchesRead = () => harness.queries.filter((sql) => /from "audit_entry"/.test(sql)).length;

/** Resolves when nothing more is read from the database. */
async function untilStalled(): Promise<void> {
  let before = -1;
  let since = performance.now();
  await eventually(() => {
    const now = batchesRead();
    if (now !== before) since = performance.now();
    before = now;
    return now > 0 && performance.now() - since > 1_000;
  }, 60_000);
}

describe('the audit log as JSON Lines', () => {
  test('has 100,000 lines of the tenant once, in order, and is read no faster than its client takes it', async () => {
    const admin = await aMember('big');
    await addLines(admin.tenantId, 100_000);
    await addLines(newId(), 10);
    harness.forgetQueries();

    const response = await openLog(admin.accessToken);
    await untilStalled();
    const readAhead = batchesRead();
    let count = 0;
    let lastId = '';
    let rest = '';
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { id, tenantId } = JSON.parse(line) as { id: string; tenantId: string };
        if (!(id > lastId) || tenantId !== admin.tenantId) throw new Error(`Line ${count} is out of place`);
        lastId = id;
        count += 1;
      }
    }

    expect(response.headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=utf-8',
      'cache-control': 'no-store',
    });
    // And those that tell of entering the tenant and of the export itself.
    expect(count).toBe(100_002);
    expect(readAhead).toBeLessThan(150);
    expect(batchesRead()).toBe(201);
  }, 180_000);

  test('holds what the filter lets through, and goes on after a line that is there already', async () => {
    const admin = await aMember('choosy');
    await addLines(admin.tenantId, 5);
    await addLines(admin.tenantId, 2, `'2026-01-02T00:00:00Z', 'thing.refused', 'denied', 'service'`);

    const denied = await linesOf(await fetchLog(admin.accessToken, { outcome: 'denied' }));
    const early = await linesOf(await fetchLog(admin.accessToken, { to: '2026-01-03T00:00:00Z' }));
    const exports = await linesOf(await fetchLog(admin.accessToken, { action: 'auditLog.exported' }));
    const done = await linesOf(await fetchLog(admin.accessToken, { action: 'thing.done' }));
    const after = String(done[2]?.['id']);
    const later = await linesOf(await fetchLog(admin.accessToken, { action: 'thing.done', after }));

    expect(denied.map(({ action }) => action)).toEqual(['thing.refused', 'thing.refused']);
    expect(early).toEqual(denied);
    expect(exports[0]).toMatchObject({
      actorId: admin.userId,
      tenantId: admin.tenantId,
      details: { filter: { outcome: 'denied' } },
    });
    expect(done).toHaveLength(5);
    expect(later).toEqual(done.slice(3));
  });

  test('is for who may read the log, and for filters that make sense', async () => {
    const admin = await aMember('asker');
    const member = await aMember('member', 'USER');
    const root = await harness.signUp('root');
    const statusOf = async (token: string | undefined, parameters?: Readonly<Record<string, string>>) => {
      const response = await fetchLog(token, parameters);
      await response.body?.cancel();
      return response.status;
    };

    expect(await statusOf(undefined)).toBe(401);
    expect(await statusOf('not-a-token')).toBe(401);
    expect(await statusOf(member.accessToken)).toBe(403);
    expect(await statusOf(admin.accessToken, { tenantId: member.tenantId })).toBe(400);
    expect(await statusOf(admin.accessToken, { actorId: 'x' })).toBe(400);
    expect(await statusOf(admin.accessToken, { from: 'yesterday' })).toBe(400);
    expect(await statusOf(admin.accessToken, { action: 'a\0b' })).toBe(400);
    const everybodys = await linesOf(await fetchLog(root.tokens.accessToken, { action: 'tenant.entered' }));
    expect(new Set(everybodys.map(({ tenantId }) => tenantId)).size).toBeGreaterThan(1);
  });

  test('is cut short when its session ends, so that nobody takes it for the whole', async () => {
    const admin = await aMember('leaving');
    await addLines(admin.tenantId, 60_000);
    const response = await openLog(admin.accessToken);
    const failed = once(response, 'error');

    await harness.request(admin.principal, 'mutation { signOut }');
    response.resume();

    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(await fetchLog(admin.accessToken)).toMatchObject({ status: 401 });
  }, 60_000);
});

describe('entries that are older than is set', () => {
  const ages = async (tenantId: string) =>
    (
      await harness.sql(
        `select extract(day from now() - occurred_at)::int as age from audit_entry where tenant_id = '${tenantId}'`,
      )
    ).map(({ age }) => Number(age));

  test('are forgotten by the job, with a line that says so', async () => {
    const tenantId = newId();
    for (const days of [200, 121, 119, 1]) {
      await addLines(tenantId, 1, `now() - interval '${days} days', 'thing.done', 'success', 'service'`);
    }
    const leftovers = createLeftovers();
    const jobs = createJobs({ connectionString: harness.databaseUrl, logger: quietLogger(), lifecycle: leftovers });
    await jobs.start();

    await jobs.send('shorten-audit-log', {});

    await eventually(async () => (await ages(tenantId)).length === 2, 30_000);
    expect((await ages(tenantId)).sort()).toEqual([1, 119]);
    const [line] = await harness.sql(`select details from audit_entry where action = 'auditLog.shortened'`);
    expect(line?.['details']).toMatchObject({ keptDays: 120 });
    await leftovers.close();
  }, 60_000);

  test('are all that the service can have forgotten, whatever it asks for', async () => {
    const tenantId = newId();
    for (const days of [91, 89, 0]) {
      await addLines(tenantId, 1, `now() - interval '${days} days', 'thing.done', 'success', 'service'`);
    }
    const asService = (...statements: readonly string[]) =>
      runSql(harness.databaseUrl, `set app.service = 'on'`, ...statements);

    await asService(`select forget_audit_entries(gen_random_uuid(), -1000, 1000000)`);

    expect((await ages(tenantId)).sort()).toEqual([0, 89]);
    await expect(asService('delete from audit_entry')).rejects.toThrow(/permission denied/);
    await expect(asService('set role tessera_auth_owner')).rejects.toThrow(/permission denied/);
  });
});
