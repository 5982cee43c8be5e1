import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bombs } from '../gateway/support/planner-bombs.js';
import { startBystander, startGuardedGateway, type Bystander, type GuardedGateway } from './support/gateway-process.js';
import { waysInFor } from './support/ways-in.js';

/** A plan ends itself after 60 ms of its thread, to which V8 adds twice as much on others; then its text is read and checked. */
const maxCpuMs = 250;
/** Processor time swells where neighbours take the caches: the best of six says what it takes. */
const attempts = 6;
const refusal = /^OPERATION_TOO_COMPLEX$|^OPERATION_TOO_LARGE$|^OVERLOADED$/;

let gateway: GuardedGateway;
let bystander: Bystander;

beforeAll(async () => {
  gateway = await startGuardedGateway();
  for (const { send } of waysInFor('query'))
    await send(gateway.url, { query: `{ self { id extra } } #${'x'.repeat(5_000)}` });
  // What is compiled once is no attack.
  for (const [, bomb] of bombs) await waysInFor('query')[0]?.send(gateway.url, { query: bomb(50) });
  bystander = startBystander(gateway.url);
}, 60_000);

afterAll(async () => {
  const { answered, harmed } = await bystander.leave();
  await gateway.close();
  expect(harmed).toEqual([]);
  expect(answered).toBeGreaterThan(20);
});

describe.each(waysInFor('query').map((way, index) => [way.name, way.send, index] as const))(
  'by %s',
  (_way, send, index) => {
    test.each(bombs)('a bomb made of %s', async (_name, bomb) => {
      const spentMs: number[] = [];
      for (let attempt = 0; attempt < attempts && Math.min(...spentMs) >= maxCpuMs; attempt += 1) {
        const before = await gateway.cpuMs();

        // Each is another one, or what was remembered of the one before would answer it.
        const { code } = await send(gateway.url, { query: bomb(index * attempts + attempt) });

        spentMs.push((await gateway.cpuMs()) - before);
        expect(String(code)).toMatch(refusal);
        expect(gateway.isAlive()).toBe(true);
      }
      expect(Math.min(...spentMs)).toBeLessThan(maxCpuMs);
    });
  },
);
