import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FormattedExecutionResult } from 'graphql';
import { askInParts, formats, mergeParts } from '../gateway/support/deferred-answers.js';
import type { SentOperation } from '../gateway/support/transports.js';
import { deferralInputs } from './inputs/deferral.js';
import { startBystander, startGuardedGateway, type Bystander, type GuardedGateway } from './support/gateway-process.js';
import { maxCpuMs, sendMeasured } from './support/send-measured.js';
import { waysInFor } from './support/ways-in.js';

let gateway: GuardedGateway;
let bystander: Bystander;

/** Sends an operation, and resolves with the whole answer. */
type Send = (operation: SentOperation) => Promise<FormattedExecutionResult | undefined>;

const ways: readonly (readonly [string, Send])[] = [
  ...Object.entries(formats).map(([name, accept]): [string, Send] => [
    `in parts (${name})`,
    async (operation) => mergeParts(await askInParts(gateway.url, operation, accept)),
  ]),
  ...waysInFor('query').map(({ name, send }): [string, Send] => [
    name,
    async (operation) => (await send(gateway.url, operation)).answers[0],
  ]),
];

beforeAll(async () => {
  gateway = await startGuardedGateway();
  // What is loaded and compiled once is no attack: threads for long texts, planners, the transports themselves.
  for (const [way, send] of ways) {
    await send({ query: `{ self { id ... @defer { extra } } crowd { label } } #${way}${'x'.repeat(5_000)}` });
    await send({ query: `{ nothing } #${way}${'x'.repeat(5_000)}` });
  }
  bystander = startBystander(gateway.url);
}, 60_000);

afterAll(async () => {
  const { answered, harmed } = await bystander.leave();
  await gateway.close();
  expect(harmed).toEqual([]);
  expect(answered).toBeGreaterThan(5);
});

describe.each(ways)('%s', (way, send) => {
  test.each(deferralInputs.map((input) => [input.name, input] as const))(
    '%s',
    async (_name, { operation, refusedAs }) => {
      const { sent: answer, spentMs } = await sendMeasured(gateway, (mark) =>
        send({ ...operation, query: `${operation.query}\n#${way}, ${mark}` }),
      );

      const code = answer?.errors?.[0]?.extensions?.['code'];
      expect(gateway.isAlive()).toBe(true);
      // Where a text does not fit into an address, there is no answer of GraphQL's.
      if (refusedAs !== undefined && answer !== undefined) expect(String(code)).toMatch(refusedAs);
      if (refusedAs === undefined) expect(answer).toEqual({ data: { crowd: expect.anything() } });
      expect(spentMs).toBeLessThan(maxCpuMs);
    },
  );
});
