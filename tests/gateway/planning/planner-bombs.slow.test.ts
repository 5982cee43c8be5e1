import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import { eventually } from '../../support/eventually.js';
import { threadMsOf } from '../../support/thread-time.js';
import { bombable, bombs, nested } from '../support/planner-bombs.js';
import { ask, startGatewayOver, type GatewayOver } from '../support/gateway-over.js';

const codeOf = ({ errors }: Awaited<ReturnType<typeof ask>>): unknown => errors?.[0]?.extensions?.['code'];

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
    let answer: Awaited<ReturnType<typeof ask>> = {};

    const loopMs = await threadMsOf(async () => (answer = await ask(over.url, bomb(0))));

    // On a machine that gives the planner no time, a bomb is refused for that, and a little later.
    expect(answer.errors?.map(({ extensions }) => extensions?.['code'])).toEqual([expect.stringMatching(refusal)]);
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
    // What it costs, the planner's host pays: everybody else waits for this thread alone.
    expect(loopMs).toBeLessThan(200);
  });

  test('costs nothing when it is sent again', async () => {
    const bomb = `{ node { ${nested(14, 'next', 'name')} } }`;
    await eventually(async () => codeOf(await ask(over.url, bomb)) === 'OPERATION_TOO_COMPLEX');

    const loopMs = await threadMsOf(async () => {
      expect(codeOf(await ask(over.url, bomb))).toBe('OPERATION_TOO_COMPLEX');
    });

    expect(loopMs).toBeLessThan(50);
  });

  test('takes little time of the thread that answers requests beside it', async () => {
    const askFor = async (count: number): Promise<void> => {
      for (let asked = 0; asked < count; asked += 1) {
        expect(await ask(over.url, '{ greeting }', agent)).toEqual({ data: { greeting: 'hello' } });
      }
    };
    await askFor(300);
    const alone = await threadMsOf(() => askFor(500));
    let sent = 0;
    let isOver = false;
    const attacker = async (): Promise<void> => {
      while (!isOver) {
        sent += 1;
        const [, bomb] = bombs[sent % bombs.length] ?? [];
        if (bomb !== undefined) await ask(over.url, bomb(sent % 10), agent);
        // What is measured is the cost of a bomb, not that of as many requests as a machine can send.
        await delay(50);
      }
    };
    const attackers = Array.from({ length: 4 }, attacker);

    const beside = await threadMsOf(() => askFor(500));
    const planned = await ask(over.url, '{ never: greeting planned: greeting before: node { id } }', agent);
    isOver = true;
    await Promise.all(attackers);

    expect(planned).toEqual({ data: { never: 'hello', planned: 'hello', before: null } });
    // Each bomb is sent and read by this thread too; without limits one alone would keep it for seconds.
    expect(beside).toBeLessThan(2 * alone + sent * 20);
  }, 60_000);
});
