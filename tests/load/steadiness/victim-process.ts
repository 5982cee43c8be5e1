import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { VictimOrder, VictimResult } from './victim.js';
import { takeOrders } from './ordered-process.js';

interface Answer {
  readonly data?: { readonly healthy: string | null; readonly faulty: string | null };
  readonly errors?: readonly { readonly path?: readonly string[]; readonly extensions?: { readonly code?: string } }[];
}

const intervalMs = 20;

async function suffer({ port, durationMs }: VictimOrder): Promise<VictimResult> {
  const dispatcher = new Agent({ connections: 200 });
  const outcomes = new Set<string>();
  const wrong: string[] = [];
  let slowestMs = 0;

  async function ask(): Promise<void> {
    const startedAtMs = performance.now();
    const { body } = await request(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ healthy faulty }"}',
      dispatcher,
    });
    const answer = (await body.json()) as Answer;
    slowestMs = Math.max(slowestMs, performance.now() - startedAtMs);
    const [error] = answer.errors ?? [];
    outcomes.add(error === undefined ? 'well' : (error.extensions?.code ?? 'no code'));
    const isRight = error === undefined ? answer.data?.faulty === 'faulty' : error.path?.join() === 'faulty';
    if (answer.data?.healthy !== 'healthy' || !isRight) wrong.push(JSON.stringify(answer));
  }

  const asked: Promise<void>[] = [];
  const endsAtMs = performance.now() + durationMs;
  while (performance.now() < endsAtMs) {
    asked.push(ask());
    await wait(intervalMs);
  }
  await Promise.all(asked);
  await dispatcher.close();
  return { requests: asked.length, outcomes: [...outcomes], slowestMs, wrong };
}

takeOrders(suffer);
