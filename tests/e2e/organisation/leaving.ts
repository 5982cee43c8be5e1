import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { ask, send } from '../../support/graphql-client.js';
import { openLiveSocket } from '../../support/live-socket.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { signIn } from '../people.js';
import { upload } from '../uploads.js';
import type { Organisation } from './organisation.js';

const picture = Buffer.from('an apple');

/** It takes everything out, and is erased. */
export function defineLeaving(of: () => Organisation): void {
  test('it takes everything out: sees how far that is, is told when it is ready, and finds all of its own inside', async () => {
    const { origin, tenantId } = of();
    const token = await of().enter();
    const asFounder = (query: string, variables: object = {}) => ask(origin, { query, variables, token });
    const file = await upload(origin, token, 'apple.png', 'image/png', picture);
    const socket = await openLiveSocket(origin, token);

    const { requestExport } = await asFounder('mutation { requestExport(input: { scope: TENANT }) { id stage } }');
    const progress = socket.subscribe(
      `subscription ($id: ID!) { dataExportProgress(id: $id) {
        stage rows totalRows files totalFiles fileBytes totalFileBytes downloadUrl
      } }`,
      { id: requestExport.id },
    );
    const isReady = ({ dataExportProgress }: { dataExportProgress: { stage: string } }): boolean =>
      dataExportProgress.stage === 'READY';
    const { dataExportProgress: done } = await progress.first(isReady, 60_000);
    await socket.close();

    expect(done).toMatchObject({ files: 1, totalFiles: 1, fileBytes: picture.length, totalFileBytes: picture.length });
    expect(done.rows).toBeGreaterThanOrEqual(done.totalRows);
    const archive = await openArchive(done.downloadUrl);
    const { subject, tables, files } = JSON.parse(await archive.text('manifest.json'));
    expect(subject).toEqual({ kind: 'tenant', id: tenantId });
    expect(files).toBe(1);
    expect(tables).toMatchObject({ 'tenant/tenant': 1, 'tenant/membership': 3, 'storage/file': 1 });
    expect(tables).toMatchObject({ 'tenant/role': 1, 'tenant/member_group': 1, 'tenant/group_member': 1 });
    expect(tables['analytics/event']).toBe(2_001);
    expect(await archive.table('tenant/tenant')).toMatchObject([{ id: tenantId, name: 'Orchard', plan: 'enterprise' }]);
    expect(await archive.table('tenant/email_domain')).toMatchObject([{ domain: 'example.com' }]);
    expect(await archive.table('tenant/role')).toMatchObject([
      { name: 'picker', permissions: ['files:read', 'files:write'] },
    ]);
    expect(await archive.table('tenant/member_group')).toMatchObject([{ name: 'Pickers', role: 'picker' }]);
    expect(await archive.table('tenant/security_policy')).toMatchObject([{ version: 1, max_session_minutes: 1_440 }]);
    expect(await archive.text(`files/${file.id}/apple.png`)).toBe(picture.toString());
    await archive.remove();
    await eventually(async () => (await of().toldOf('EXPORT_READY')).length > 0, 30_000);
    expect(await of().toldOf('EXPORT_READY')).toMatchObject([{ exportId: requestExport.id, scope: 'TENANT' }]);
  }, 120_000);

  test('it is erased: nobody is in it, nothing of it is left to ask for, and the certificate is in the audit log', async () => {
    const { origin, tenantId, founder, platformToken } = of();
    const token = await of().enter();
    const { requestErasure } = await ask(origin, {
      query: 'mutation { requestErasure(input: { scope: TENANT }) { id status } }',
      token,
    });

    await eventually(async () => (await send(origin, { query: '{ me { id } }', token })).code === 'UNAUTHENTICATED');
    const { accessToken } = await signIn(origin, founder);
    const read = async () => {
      const query = 'query ($id: ID) { erasure(id: $id) { status completedAt reports { subgraph counts } } }';
      return (await ask(origin, { query, variables: { id: requestErasure.id }, token: accessToken })).erasure;
    };
    await eventually(async () => (await read()).status === 'COMPLETED', 120_000);

    const { reports } = await read();
    const counts = Object.fromEntries(
      reports.map(({ subgraph, counts: erased }: { subgraph: string; counts: object }) => [subgraph, erased]),
    );
    // Of four people: one was removed, which the copies of who is in remember.
    expect(counts).toMatchObject({
      auth: { tenant_member: 4 },
      tenant: {
        ...{ tenant: 1, membership: 3, email_domain: 1 },
        ...{ role: 1, member_group: 1, group_member: 1, security_policy: 1 },
      },
      user: { tenant_member: 4 },
      storage: { file: 1, data_export: 1, tenant_networks: 1 },
      analytics: { event: 2_001 },
    });
    const { me } = await ask(origin, { query: '{ me { memberships { tenant { id } } } }', token: accessToken });
    expect(me.memberships).toEqual([]);
    const query = `query ($filter: AuditFilter) { auditLog(filter: $filter) { nodes { targetId details } } }`;
    const filter = { action: 'tenant.erased', targetId: tenantId };
    await eventually(async () => {
      const { auditLog } = await ask(origin, { query, variables: { filter }, token: platformToken });
      return auditLog.nodes.length === 1;
    }, 30_000);
  }, 240_000);
}

/** What is in an archive, unpacked by the system's own tar. */
async function openArchive(url: string) {
  const folder = await temporaryFolder('organisation');
  const [packed, unpacked] = [join(folder, 'all.tar.gz'), join(folder, 'all')];
  await mkdir(unpacked);
  await writeFile(packed, Buffer.from(await (await fetch(url)).arrayBuffer()));
  await promisify(execFile)('tar', ['-xzf', packed, '-C', unpacked]);
  const text = (path: string): Promise<string> => readFile(join(unpacked, path), 'utf8');
  return {
    text,
    /** A table's rows. */
    async table(name: string): Promise<readonly unknown[]> {
      const pages = await Promise.all((await readdir(join(unpacked, name))).map((page) => text(join(name, page))));
      return pages.flatMap((page) => page.trimEnd().split('\n')).map((line) => JSON.parse(line) as unknown);
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
