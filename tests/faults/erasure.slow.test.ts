import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { foundTeam, signIn, type Team } from '../e2e/people.js';
import { eventually } from '../support/eventually.js';
import { ask, send } from '../support/graphql-client.js';
import { readInvitationsFromFolder } from '../support/invitation-mails.js';
import { startLocalMode, type LocalMode } from '../support/local-mode.js';
import { runLocalSql } from '../support/local-secrets.js';
import { holdChanges } from './held-changes.js';
import { defineInterruptedExport } from './interrupted-export.js';
import { countObjects, countRows, fillEvents, fillFiles, fillInvitationsAndKeys } from './tenant-rows.js';

const [eventCount, otherCount, fileCount, fileBytes] = [60_000, 20_000, 1_000, 2_000];
let local: LocalMode;
let [going, staying]: [Team, Team] = [{} as Team, {} as Team];

beforeAll(async () => {
  local = await startLocalMode({
    environment: { ERASURE_GRACE_HOURS: '0', RATE_LIMITS: 'none', JOB_HEARTBEAT_SECONDS: '10' },
  });
  const readInvitation = readInvitationsFromFolder(join(local.dataDirectory, 'mail'));
  const platform = { origin: local.origin, readInvitation };
  // On a busy machine a service that asks another one may give up; what was founded by halves is nobody's concern.
  await eventually(async () => Boolean((going = await foundTeam(platform, 'Going Ltd'))), 120_000);
  await eventually(async () => Boolean((staying = await foundTeam(platform, 'Staying Ltd'))), 120_000);
  for (const { tenantId, admin } of [going, staying]) {
    await fillFiles(local, {
      tenantId,
      ownerId: admin.id,
      count: tenantId === going.tenantId ? fileCount : 10,
      bytes: fileBytes,
    });
    await fillEvents(local, tenantId, tenantId === going.tenantId ? eventCount : 1_000);
    await fillInvitationsAndKeys(local, tenantId, tenantId === going.tenantId ? otherCount : 100);
  }
}, 300_000);

afterAll(() => local?.remove(), 120_000);

defineInterruptedExport(
  () => local,
  () => going,
  {
    tables: [
      ['analytics', 'event', eventCount],
      ['tenant', 'invitation', otherCount + 1],
      ['auth', 'api_key', otherCount],
    ],
    files: fileCount,
    fileBytes: fileCount * fileBytes,
  },
);

test('a tenant is erased everywhere, once, although the platform is killed in the middle, and its neighbour is untouched', async () => {
  const { origin } = local;
  const { tenantId, admin } = going;
  const neighbour = await countRows(local, staying.tenantId);
  const held = holdChanges(local, 'tessera_analytics', 'erased_rows');
  let id = '';
  const request = {
    query: 'mutation { requestErasure(input: { scope: TENANT }) { id status } }',
    token: admin.accessToken,
  };
  await eventually(async () => (id = (await ask(origin, request)).requestErasure.id) !== '', 120_000);

  const eventsLeft = async () => (await countRows(local, tenantId))['analytics.event'];
  await held.reached(`new.table_name = 'event' and new.row_count >= ${eventCount / 2}`);
  await local.kill9();
  await held.letGo();
  const leftAtKill = await eventsLeft();
  await local.restart();
  let token = '';
  await eventually(async () => (token = (await signIn(origin, admin)).accessToken) !== '', 120_000);
  const query = 'query ($id: ID) { erasure(id: $id) { status reports { subgraph counts } } }';
  const read = async () => (await ask(origin, { query, variables: { id }, token })).erasure;
  await eventually(async () => (await read()).status === 'COMPLETED', 400_000);

  const certificate = Object.fromEntries(
    (await read()).reports.map(({ subgraph, counts }: { subgraph: string; counts: object }) => [subgraph, counts]),
  );
  expect(leftAtKill).toBeGreaterThan(0);
  expect(Object.entries(await countRows(local, tenantId)).filter(([, rows]) => rows > 0)).toEqual([]);
  expect(await countObjects(local, tenantId)).toBe(0);
  expect(await countRows(local, staying.tenantId)).toEqual(neighbour);
  expect(await countObjects(local, staying.tenantId)).toBe(10);
  // Counted with what they delete, so that neither the kill nor the repetition counts a row twice or not at all.
  expect(certificate).toMatchObject({
    analytics: { event: eventCount },
    storage: { file: fileCount, data_export: 1 },
    tenant: { tenant: 1, membership: 2, invitation: otherCount + 1 },
    auth: { tenant_member: 2, api_key: otherCount },
    user: { tenant_member: 2 },
  });
  const entries = `select details from audit_entry where action = 'tenant.erased' and target_id = '${tenantId}'`;
  await eventually(async () => (await runLocalSql(local, 'tessera_auth', entries)).length === 1);
  expect((await send(origin, { query: '{ me { id } }', token: going.admin.accessToken })).code).toBe('UNAUTHENTICATED');
}, 700_000);
