import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fragmentInputs } from './inputs/fragments.js';
import { nameInputs, variableInputs } from './inputs/names.js';
import type { OperationInput } from './inputs/operation-input.js';
import { textInputs } from './inputs/texts.js';
import { introspectionInputs, nestedIntrospection, validationInputs } from './inputs/validation.js';
import { startBystander, startGuardedGateway, type Bystander, type GuardedGateway } from './support/gateway-process.js';
import { maxCpuMs, sendMeasured } from './support/send-measured.js';
import { waysInFor } from './support/ways-in.js';

/** So many faults of a document are told, and that there are more. */
const maxFaults = 21;

/** A machine that gives a thread no time has it say so; that is a refusal with a code as well. */
const busy = 'OVERLOADED';

let gateway: GuardedGateway;
let bystander: Bystander;

beforeAll(async () => {
  gateway = await startGuardedGateway();
  // What is loaded and compiled once is no attack: threads, planners, the transports themselves.
  for (const { send } of waysInFor('query')) {
    await send(gateway.url, { query: `{ self { id extra } greeting } #${'x'.repeat(5_000)}` });
    await send(gateway.url, { query: `{ nothing } #${'x'.repeat(5_000)}` });
  }
  bystander = startBystander(gateway.url);
}, 60_000);

afterAll(async () => {
  const { answered, harmed } = await bystander.leave();
  await gateway.close();
  expect(harmed).toEqual([]);
  expect(answered).toBeGreaterThan(20);
});

const groups: readonly (readonly [string, readonly OperationInput[]])[] = [
  ['fragments', fragmentInputs],
  ['texts', textInputs],
  ['validation', validationInputs],
  ['introspection', introspectionInputs],
  ['names', nameInputs],
  ['variables', variableInputs],
];
const ways = waysInFor('query').map((way) => [way.name, way] as const);

/** Refusals are remembered by their text: each way in gets one of its own. */
function marked({ query, ...operation }: OperationInput['operation'], mark: string) {
  return { ...operation, query: `${query}\n#${mark}` };
}

describe.each(groups)('of %s', (_group, inputs) => {
  describe.each(ways)('by %s', (way, { send }) => {
    test.each(inputs.map((input) => [input.name, input] as const))('%s', async (_name, { operation, refusedAs }) => {
      const { sent, spentMs } = await sendMeasured(gateway, (mark) =>
        send(gateway.url, marked(operation, `${way} ${mark}`)),
      );

      const { code, answers } = sent;
      expect(gateway.isAlive()).toBe(true);
      // Where a text does not fit into an address, that is what is wrong with it.
      const tooLong = way.includes('GET') && code === 'OPERATION_TOO_LARGE';
      if (!tooLong) {
        if (code === busy) expect(answers[0]?.data).toBeUndefined();
        else if (refusedAs === undefined) expect(answers).toEqual([{ data: expect.anything() }]);
        else expect(String(code)).toMatch(refusedAs);
      }
      // However much is wrong with it, it is told briefly, and tells nothing of the schema.
      for (const { errors = [] } of answers) expect(errors.length).toBeLessThanOrEqual(maxFaults);
      expect(JSON.stringify(answers)).not.toContain('Did you mean');
      expect(spentMs).toBeLessThan(maxCpuMs);
    });
  });
});

describe('of a caller who may introspect', () => {
  test.each(
    ways
      .flatMap(([way, { send }]) => nestedIntrospection.map((input) => [way, input.name, send, input] as const))
      .filter(([way]) => !['APQ', 'batch', 'gzip'].includes(way)),
  )('by %s: %s', async (way, _name, send, { operation, refusedAs = /./ }) => {
    const { sent, spentMs } = await sendMeasured(gateway, (mark) =>
      send(gateway.url, marked(operation, `${way} again, ${mark}`), { authorization: gateway.authorization }),
    );

    expect(sent.code).toEqual(expect.stringMatching(refusedAs));
    expect(spentMs).toBeLessThan(maxCpuMs);
  });
});
