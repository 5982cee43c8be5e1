import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';
let running: RunningGateway;
beforeAll(async () => {
  running = await startRunningGateway();
});
afterAll(async () => {
  await running.close();
});
test('smoke', async () => {
  console.log(JSON.stringify(await running.post({ query: '{ __typename people { id name } openAlerts }' })));
  console.log(await (await fetch(running.origin + '/ready')).text());
  expect(1).toBe(1);
});
