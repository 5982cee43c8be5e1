import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { chromium, type Page } from 'playwright-core';
import { eventually } from '../../support/eventually.js';
import { describeWithProgram } from '../../support/installed.js';
import { createLeftovers } from '../../support/leftovers.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const query = 'subscription { alerts { status person { name } } }';
const firing = { data: { alerts: { status: 'FIRING', person: { name: 'Name of 7' } } } };

describeWithProgram('chromium', 'a page in a browser', () => {
  const leftovers = createLeftovers();
  let running: RunningGateway;
  let page: Page;
  /** What the page has been told, as it came. */
  const told: unknown[] = [];

  beforeAll(async () => {
    running = await startRunningGateway();
    leftovers.defer('gateway', () => running.close());
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      // The page is made here and comes from nowhere, so the browser takes it for one of the internet.
      args: ['--headless', '--no-sandbox', '--disable-features=LocalNetworkAccessChecks'],
    });
    leftovers.defer('browser', () => browser.close());
    page = await browser.newPage();
    await page.exposeFunction('tell', (answer: unknown) => void told.push(answer));
    const address = `${running.origin}/dashboard`;
    await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: '<title>Dashboard</title>' }));
    await page.goto(address);
  }, 120_000);

  afterEach(() => void told.splice(0));

  afterAll(() => leftovers.close());

  /** Runs a script in the page, publishes an alert, and waits until the page has been told; reloading, the page leaves. */
  async function expectAlertBy(script: string): Promise<void> {
    await page.evaluate(script);
    await running.subgraphs.alerts.untilStreams(1);
    running.subgraphs.alertTopic.publish({ status: 'FIRING', userId: '7' });
    await eventually(() => told.length > 0);
    expect(told).toEqual([firing]);
    await page.reload();
    await running.subgraphs.alerts.untilStreams(0);
  }

  test('subscribes by a WebSocket, and by leaving ends the stream', async () => {
    await expectAlertBy(`{
      const socket = new WebSocket('${running.socketUrl}', 'graphql-transport-ws');
      socket.onopen = () => socket.send('{"type":"connection_init"}');
      socket.onmessage = ({ data }) => {
        const { type, payload } = JSON.parse(data);
        if (type === 'connection_ack') {
          socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '${query}' } }));
        } else if (type === 'next') tell(payload);
      };
    }`);
  });

  test('subscribes by its EventSource', async () => {
    await expectAlertBy(`{
      const events = new EventSource('/graphql?query=' + encodeURIComponent('${query}'));
      events.addEventListener('next', ({ data }) => tell(JSON.parse(data)));
    }`);
  });

  test('subscribes by one EventSource for many operations', async () => {
    await expectAlertBy(`(async () => {
      const token = await (await fetch('/graphql', { method: 'PUT' })).text();
      const events = new EventSource('/graphql?token=' + token);
      events.addEventListener('next', ({ data }) => tell(JSON.parse(data).payload));
      await fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-graphql-event-stream-token': token },
        body: JSON.stringify({ query: '${query}', extensions: { operationId: '1' } }),
      });
    })()`);
  });

  test('is told that a stream is complete, so that it does not come back', async () => {
    await page.evaluate(`{
      const events = new EventSource('/graphql?query=' + encodeURIComponent('subscription { countTo(last: 2) }'));
      events.addEventListener('next', ({ data }) => tell(JSON.parse(data).data.countTo));
      events.addEventListener('complete', () => (events.close(), tell('complete')));
    }`);

    await eventually(() => told.includes('complete'));

    expect(told).toEqual([1, 2, 'complete']);
  });

  test('reads why the legacy protocol is not served', async () => {
    await page.evaluate(`{
      const socket = new WebSocket('${running.socketUrl}', 'graphql-ws');
      socket.onclose = ({ code, reason }) => tell({ code, reason });
    }`);

    await eventually(() => told.length > 0);

    expect(told).toEqual([{ code: 4406, reason: expect.stringContaining('graphql-transport-ws') }]);
  });
});
