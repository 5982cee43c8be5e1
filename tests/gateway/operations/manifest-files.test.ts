import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, type Leftovers } from '../../support/leftovers.js';
import { sha256 } from '../support/manifest-folder.js';
import { manifestOf, startWatchingGateway } from '../support/watching-gateway.js';

const names = 'query Names { people { name } }';
const ids = 'query Ids { people { id } }';
const count = 'query Count { openAlerts }';

let leftovers: Leftovers;
beforeEach(() => void (leftovers = createLeftovers()));
afterEach(() => leftovers.close());
const startOver = (manifests: Readonly<Record<string, unknown>>, options?: Readonly<Record<string, string>>) =>
  startWatchingGateway(leftovers, manifests, options);

test('files of a folder come, change and go while the gateway runs', async () => {
  const { folder, runs } = await startOver({ 'web.json': manifestOf(names) });
  expect(await runs(names)).toBe(true);
  expect(await runs(ids)).toBe(false);

  await folder.write('ios.json', manifestOf(ids));
  await eventually(() => runs(ids));
  await folder.write('web.json', manifestOf(count));
  await eventually(() => runs(count));
  expect(await runs(names)).toBe(false);
  await folder.delete('ios.json');
  await eventually(async () => !(await runs(ids)));
  expect(await runs(count)).toBe(true);
});

test('what is withdrawn is forgotten at once, though it ran before and everything may run', async () => {
  const { running, folder, runs } = await startOver(
    { 'web.json': manifestOf(names), 'ios.json': manifestOf(ids) },
    { PERSISTED_OPERATIONS: 'off' },
  );
  expect([await runs(names), await runs(ids)]).toEqual([true, true]);
  // A text alone registers nothing.
  await running.post({ query: ids });

  await folder.delete('ios.json');

  await eventually(async () => !(await runs(ids)));
  expect((await running.post({ documentId: sha256(ids) })).body.errors?.[0]?.message).toBe('PersistedQueryNotFound');
  expect(await runs(names)).toBe(true);
  const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(ids) } };
  await running.post({ query: ids, extensions });
  expect(await runs(ids)).toBe(true);
});

test('one file alone can be the list', async () => {
  const { folder, runs } = await startOver(
    { 'a.json': manifestOf(names), 'b.json': manifestOf(ids) },
    { file: 'a.json' },
  );
  expect([await runs(names), await runs(ids)]).toEqual([true, false]);

  await folder.write('a.json', manifestOf(count));

  await eventually(() => runs(count));
});

test('plans are made before a manifest takes traffic, at the start and later', async () => {
  const { running, folder, runs } = await startOver({ 'web.json': manifestOf(names) });
  const misses = async () =>
    Number(/^graphql_plan_cache_misses_total\S* (\d+)$/m.exec(await running.metrics())?.[1] ?? 0);

  expect(await runs(names)).toBe(true);
  await folder.write('web.json', manifestOf(names, ids));
  await eventually(() => runs(ids));

  expect(await misses()).toBe(0);
});

test('while a manifest is exchanged again and again, what is in both versions never fails', async () => {
  const { folder, runs } = await startOver({ 'web.json': manifestOf(names, ids) });
  let failures = 0;
  let isDone = false;
  const traffic = (async () => {
    while (!isDone) if (!(await runs(names))) failures += 1;
  })();

  for (const other of [count, ids, count]) {
    await folder.write('web.json', manifestOf(names, other));
    await eventually(() => runs(other));
  }
  isDone = true;
  await traffic;

  expect(failures).toBe(0);
});
