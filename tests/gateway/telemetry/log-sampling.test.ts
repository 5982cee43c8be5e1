import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { createLogger } from '@tessera/service/logging';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const lines: string[] = [];
let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway({
    environment: { LOG_SUCCESSFUL_SHARE: '0' },
    logger: createLogger({
      service: 'gateway',
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    }),
  });
});
afterAll(() => running.close());

test('what succeeds is not logged where no share of it is, and what fails always is', async () => {
  expect((await running.post({ query: 'query Fine { openAlerts }' })).status).toBe(200);
  expect((await running.post({ query: 'query Wrong { nothing }' })).code).toBe('GRAPHQL_VALIDATION_FAILED');

  const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const operations = logged.filter(({ msg }) => msg === 'operation');
  expect(operations).toMatchObject([{ outcome: 'refused', code: 'GRAPHQL_VALIDATION_FAILED' }]);
  expect(await running.metrics()).toMatch(/graphql_operations_total\{[^}]*outcome="ok"[^}]*\} 1/);
});

test.each(['-0.1', '1.5', 'some'])('%p is no share', (share) => {
  expect(() => loadGatewayConfig({ LOG_SUCCESSFUL_SHARE: share })).toThrow('LOG_SUCCESSFUL_SHARE');
});
