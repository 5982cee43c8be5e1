import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { abuses } from './abuses.js';
import type { AttackOrder, AttackResult } from './attacker.js';
import { takeOrders } from './ordered-process.js';

/** What is measured is the cost of an abuse, not that of as many requests as a machine can send. */
const pauseMs = 100;

const dispatcher = new Agent({ connections: 2 });
let sent = 0;

/** Sends abuses of one kind one after the other, each a new text. */
async function attack({ port, abuse, durationMs }: AttackOrder): Promise<AttackResult> {
  const make = abuses.get(abuse) ?? (() => '');
  const durationsMs: number[] = [];
  const codes = new Set<string>();
  const endsAtMs = performance.now() + durationMs;
  do {
    sent += 1;
    const body = JSON.stringify({ query: make(sent) });
    const startedAtMs = performance.now();
    const answer = await request(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      dispatcher,
    });
    const text = await answer.body.text();
    durationsMs.push(performance.now() - startedAtMs);
    codes.add(/"code":"(\w+)"/.exec(text)?.[1] ?? 'none');
    await wait(pauseMs);
  } while (performance.now() < endsAtMs);
  return { durationsMs, codes: [...codes] };
}

takeOrders(attack);
