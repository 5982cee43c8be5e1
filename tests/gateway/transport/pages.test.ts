import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway();
});

afterAll(async () => {
  await running.close();
});

test('a browser that opens the endpoint gets GraphiQL, and everything it needs comes from the gateway', async () => {
  const response = await fetch(running.url, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
  const page = await response.text();
  const references = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, reference]) => reference ?? '');

  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(references.length).toBeGreaterThan(4);
  for (const reference of references) {
    expect(reference.startsWith('/')).toBe(true);
    const asset = await fetch(`${running.origin}${reference}`);
    expect(asset.status).toBe(200);
    expect((await asset.text()).length).toBeGreaterThan(20);
  }
});

test('the landing page links to what there is to see', async () => {
  const page = await (await fetch(running.origin)).text();

  for (const [, path] of page.matchAll(/href="([^"]+)"/g)) {
    if (path === '/.well-known/jwks.json') continue;
    expect((await fetch(`${running.origin}${path}`, { headers: { accept: 'text/html' } })).status).toBe(200);
  }
});

test('the probe answers under both its names', async () => {
  expect((await fetch(`${running.origin}/health`)).status).toBe(200);
  expect((await fetch(`${running.origin}/api/health`)).status).toBe(200);
});

test('a gateway without GraphiQL has no page at the endpoint', async () => {
  const bare = await startRunningGateway({ environment: { GRAPHIQL: 'false' } });
  try {
    expect((await fetch(bare.url, { headers: { accept: 'text/html' } })).status).toBe(406);
    expect((await fetch(`${bare.origin}/graphiql/graphiql.js`)).status).toBe(404);
  } finally {
    await bare.close();
  }
});
