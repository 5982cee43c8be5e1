import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import { eventually } from '../../support/eventually.js';
import { bombable, bombs, nested } from '../support/planner-bombs.js';
import { ask, startGatewayOver, type GatewayOver } from '../support/gateway-over.js';

const codeOf = ({ errors }: Awaited<ReturnType<typeof ask>>): unknown => errors?.[0]?.extensions?.['code'];
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

const refusal = /^(OPERATION_TOO_COMPLEX|OVERLOADED)$/;

describe('a planner bomb', () => {
  let over: GatewayOver;
  const agent = new Agent({ connections: 20 });

  beforeAll(async () => {
    // What is left of the second is for everything around planning, on a machine that runs other tests too.
    over = await startGatewayOver(bombable, { environment: { PLAN_TIMEOUT_MS: '600' } });
    await ask(over.url, '{ greeting }');
  });

  afterAll(async () => {
    await agent.close();
    await over.close();
  });

  test.each(bombs)('made of %s is refused', async (_name, bomb) => {
    const startedAtMs = performance.now();

    const answer = await ask(over.url, bomb(0));

    // On a machine that gives the planner no time, a bomb is refused for that, and a little later.
    expect(answer.errors?.map(({ extensions }) => extensions?.['code'])).toEqual([expect.stringMatching(refusal)]);
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
  });

  test('costs nothing when it is sent again', async () => {
    const bomb = `{ node { ${nested(7, 'next', 'name')} } }`;
    await eventually(async () => codeOf(await ask(over.url, bomb)) === 'OPERATION_TOO_COMPLEX');
    const startedAtMs = performance.now();

    const answer = await ask(over.url, bomb);

    expect(codeOf(answer)).toBe('OPERATION_TOO_COMPLEX');
    expect(performance.now() - startedAtMs).toBeLessThan(300);
  });

  test('leaves requests beside it as fast as they were', async () => {
    const measure = async (count: number): Promise<number[]> => {
      const durationsMs: number[] = [];
      while (durationsMs.length < count) {
        const startedAtMs = performance.now();
        expect(await ask(over.url, '{ greeting }', agent)).toEqual({ data: { greeting: 'hello' } });
        durationsMs.push(performance.now() - startedAtMs);
      }
      return durationsMs;
    };
    await measure(200);
    const alone = median(await measure(500));
    let number = 1;
    let isOver = false;
    const attacker = async (): Promise<void> => {
      while (!isOver) {
        number += 1;
        const [, bomb] = bombs[number % bombs.length] ?? [];
        if (bomb !== undefined) await ask(over.url, bomb(number % 10), agent);
        // What is measured is the cost of a bomb, not that of as many requests as a machine can send.
        await delay(50);
      }
    };
    const attackers = Array.from({ length: 4 }, attacker);

    const beside = median(await measure(1_000));
    const planned = await ask(over.url, '{ never: greeting planned: greeting before: node { id } }', agent);
    isOver = true;
    await Promise.all(attackers);

    expect(planned).toEqual({ data: { never: 'hello', planned: 'hello', before: null } });
    // A machine that runs other tests meanwhile is measured by its own noise: a millisecond counts as none.
    expect(beside).toBeLessThan(2 * alone + 1);
  }, 60_000);
});
