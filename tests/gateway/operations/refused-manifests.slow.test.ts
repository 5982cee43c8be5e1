import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, type Leftovers } from '../../support/leftovers.js';
import { apolloManifest, manifestOperation, sha256 } from '../support/manifest-folder.js';
import type { RunningGateway } from '../support/running-gateway.js';
import { manifestOf, startWatchingGateway } from '../support/watching-gateway.js';

const names = 'query Names { people { name } }';
const ids = 'query Ids { people { id } }';
const count = 'query Count { openAlerts }';

let leftovers: Leftovers;
beforeEach(() => void (leftovers = createLeftovers()));
afterEach(() => leftovers.close());
const startOver = (manifests: Readonly<Record<string, unknown>>, options?: Readonly<Record<string, string>>) =>
  startWatchingGateway(leftovers, manifests, options);

const readiness = async ({ origin }: RunningGateway) => {
  const response = await fetch(`${origin}/ready`);
  return (await response.json()) as { status: string; checks: Record<string, string> };
};

test('a bad manifest is refused with its reasons, and the one before stays until a good one comes', async () => {
  const { running, folder, lines, runs } = await startOver({ 'web.json': manifestOf(names) });
  const refusals = () => lines.filter(({ msg }) => msg === 'a manifest of operations is refused');

  await folder.write(
    'web.json',
    apolloManifest([manifestOperation(ids), manifestOperation('query Broken { people {')]),
  );
  await eventually(() => refusals().length === 1);

  expect(refusals()[0]).toMatchObject({
    file: join(folder.path, 'web.json'),
    reasons: [expect.stringMatching(/operation Broken.*Syntax Error/)],
    oneBeforeStays: true,
  });
  expect([await runs(names), await runs(ids)]).toEqual([true, false]);
  expect((await readiness(running)).checks['operation manifests']).toBe('down');
  expect(await running.metrics()).toMatch(/graphql_operation_manifests_refused\{service="gateway"\} 1\n/);

  await folder.write('web.json', manifestOf(ids));
  await eventually(() => runs(ids));
  expect((await readiness(running)).checks['operation manifests']).toBe('up');
});

test('a folder with a bad manifest does not keep the gateway from starting with the good ones', async () => {
  const { running, runs } = await startOver({ 'bad.json': '{', 'good.json': manifestOf(names) });

  expect(await runs(names)).toBe(true);
  expect((await readiness(running)).status).toBe('degraded');
});

test('an id that stands for two documents in two files refuses the change that brought it', async () => {
  const { folder, lines, running } = await startOver({ 'a.json': { 'op-1': names } });

  await folder.write('b.json', { 'op-1': ids, 'op-2': count });
  await eventually(() => lines.some(({ reasons }) => /op-1 stands for another document/.test(String(reasons))));

  const answer = await running.post({ documentId: 'op-1' });
  expect(answer.body.data).toEqual({ people: [{ name: 'Name of p1' }, { name: 'Name of p2' }] });
  expect((await running.post({ documentId: 'op-2' })).code).toBe('PERSISTED_QUERY_NOT_IN_LIST');
});

test('more operations than a gateway may hold refuse the change that brought them', async () => {
  const { folder, lines, runs } = await startOver({ 'a.json': manifestOf(names) }, { MAX_REGISTERED_OPERATIONS: '2' });

  await folder.write('b.json', manifestOf(ids, count));
  await eventually(() => lines.some(({ reasons }) => /more than 2 operations/.test(String(reasons))));

  expect([await runs(names), await runs(ids)]).toEqual([true, false]);
});

test('an operation that the supergraph does not know is told of, and refused by itself', async () => {
  const { running, lines, runs } = await startOver({ 'web.json': manifestOf(names, 'query Ahead { notYet }') });

  expect(await runs(names)).toBe(true);
  expect((await running.post({ documentId: sha256('query Ahead { notYet }') })).code).toBe('GRAPHQL_VALIDATION_FAILED');
  expect(lines).toContainEqual(
    expect.objectContaining({
      msg: 'registered operations do not run on this supergraph',
      named: [{ operation: 'Ahead', reason: expect.stringContaining('notYet') }],
    }),
  );
});
