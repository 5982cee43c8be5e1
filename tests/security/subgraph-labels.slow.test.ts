import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { createDomainEvent } from '@tessera/service/events';
import { fieldUsesEventType } from '@tessera/service/operations';
import { request } from 'undici';
import { createAlertRule, aTenant, track } from '../integration/analytics/analytics-client.js';
import { startStorage } from '../integration/storage/storage-harness.js';
import { freePort } from '../support/free-port.js';
import { createLeftovers } from '../support/leftovers.js';
import { startSubgraphHarness, type SubgraphHarness } from '../support/subgraph-harness.js';
import { closedLabels, familiesOf, familyOf, isSample, labelsOf, samplesOf } from './support/prometheus-text.js';

const leftovers = createLeftovers();
let analytics: SubgraphHarness;
let storage: SubgraphHarness;
/** Where each is scraped. */
let scrapes: readonly (() => Promise<string>)[];

beforeAll(async () => {
  const ports = [await freePort(), await freePort()];
  const [first = '', second = ''] = ports.map(String);
  analytics = await startSubgraphHarness(analyticsSubgraph, { environment: { INTERNAL_PORT: first } });
  leftovers.defer('analytics', () => analytics.stop());
  storage = await startStorage({ INTERNAL_PORT: second });
  leftovers.defer('storage', () => storage.stop());
  scrapes = ports.map((port) => async () => (await request(`http://127.0.0.1:${port}/metrics`)).body.text());
}, 60_000);
afterAll(() => leftovers.close());

const { tenantId, admin } = aTenant();

/** What a tenant, its clients and whoever reaches the port can put names into. @returns how many of it were taken */
async function say(name: string): Promise<number> {
  const upload = 'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } } }';
  const input = { name: 'a.bin', contentType: 'application/octet-stream', size: 1 };
  const operation = { key: 'k', operationId: 'a'.repeat(64), operationName: name, coordinates: ['Query'] };
  const uses = [{ key: 'k', clientName: name, clientVersion: name, uses: 1 }];
  const query = `query ${/^\w+$/.test(name) ? name : 'Named'} { __typename }`;
  const answers = [
    await track(analytics, admin, [{ name, properties: { [name]: name } }]),
    await analytics.request(admin, query),
    await storage.request(admin, query),
    await storage.request(admin, upload, { input: { ...input, name } }),
    await storage.request(admin, upload, { input: { ...input, contentType: name } }),
  ];
  await createAlertRule(analytics, admin, { eventName: name }).catch(() => undefined);
  await analytics
    .deliver(createDomainEvent({ type: fieldUsesEventType, payload: { operations: [operation], uses } }))
    .catch(() => undefined);
  for (const { url } of [analytics, storage]) {
    const headers = { 'user-agent': encodeURIComponent(name), 'x-request-id': encodeURIComponent(name) };
    for (const method of ['PROPFIND', 'GET'] as const) {
      const answer = await request(`${url}/${encodeURIComponent(name)}?${encodeURIComponent(name)}`, {
        method: method as 'GET',
        headers,
      });
      await answer.body.dump();
    }
  }
  return answers.filter(({ errors }) => errors === undefined).length;
}

test('what tenants and clients call things makes no series, no label and no line of a subgraph’s metrics', async () => {
  const mark = 'forgedByATenant';
  await say(mark);
  const before = await Promise.all(scrapes.map((scrape) => scrape()));
  const names = [
    `${mark}"} 1\n${mark}_metric{service="analytics"} 1\n# `,
    `${mark}\\`,
    `${mark}\u2028`,
    '__proto__',
    'constructor',
    ...Array.from({ length: 30 }, (_, index) => `${mark}${index}`),
  ];

  let taken = 0;
  for (const name of names) taken += await say(name);

  const after = await Promise.all(scrapes.map((scrape) => scrape()));
  // Most of them are good names, and were not refused before they could do harm.
  expect(taken).toBeGreaterThan(names.length * 2);
  for (const [index, text] of after.entries()) {
    const lines = samplesOf(text);
    const families = familiesOf(before[index] ?? '');
    expect(lines.filter((line) => !isSample(line) || !families.has(familyOf(line)))).toEqual([]);
    expect([...labelsOf(lines)].filter((label) => !closedLabels.has(label))).toEqual([]);
    expect([mark, tenantId, admin.userId, '127.0.0.1'].filter((secret) => text.includes(secret))).toEqual([]);
    // A few are made by statuses and background jobs; by names there would be one for each.
    expect(lines.length - samplesOf(before[index] ?? '').length).toBeLessThan(names.length);
  }
}, 60_000);
