import { setTimeout as wait } from 'node:timers/promises';
import type { Contender, ContenderTarget } from '../gateway/contenders/contender.js';
import { startContender } from '../gateway/contenders/start-contender.js';
import { readMemory } from '../gateway/process-memory.js';
import { readUsage } from '../gateway/process-usage.js';
import { Crowd } from './crowd.js';
import type { SourceCounts } from './live-events.js';

export interface CrowdPlan {
  /** One for each client. */
  readonly tokens: readonly string[];
  /** Each is delivered to all. */
  readonly eventsPerSecond: number;
  readonly seconds: number;
}

export const rowTitles = [
  'server',
  'sockets',
  'KB each',
  'connects/s',
  'cpu ms each',
  'deliveries/s',
  'delivered %',
  'p50 ms',
  'p99 ms',
  'cpu us each',
  'resolutions per event',
  'MB at the end',
];

const connectsAtATime = 64;
/** What was opened and closed before, so that code and buffers which every process needs once do not count as sockets'. */
const warmUpSockets = 200;
const warmUpEvents = 20;
/** Until what was asked for last is under way. */
const subscribingMs = 500;
const settleMs = 3_000;
const patienceMs = 20_000;

/** The contender under measurement, and what is done to it. */
interface Scene {
  readonly crowd: Crowd;
  /** So far. */
  processorMs(): Promise<number>;
  megabytes(): Promise<number>;
  /** Makes one event. */
  publish(): Promise<void>;
  counts(): Promise<SourceCounts>;
}

/**
 * Has a crowd come in, counts what it holds, and sends it events at a steady rate.
 *
 * @param sourcePort where events are made; undefined: by the contender itself
 * @returns one row under {@link rowTitles}
 */
export async function measureCrowd(
  contender: Contender,
  target: Omit<ContenderTarget, 'port'>,
  sourcePort: number | undefined,
  plan: CrowdPlan,
): Promise<string[]> {
  const { port, pid, stop } = await startContender(contender, target, 0);
  const source = `http://127.0.0.1:${sourcePort ?? port}`;
  const crowd = new Crowd(port);
  const scene: Scene = {
    crowd,
    processorMs: async () => (await readUsage(pid)).processorMs,
    megabytes: () => readMemory(pid),
    publish: async () => void (await (await fetch(`${source}/publish`)).arrayBuffer()),
    counts: async () => (await (await fetch(`${source}/counts`)).json()) as SourceCounts,
  };
  try {
    await warmUp(scene, plan);
    const cells = [...(await comeIn(scene, plan)), ...(await deliver(scene, plan))];
    if (crowd.counts.refused > 0 || crowd.counts.closed > 0) {
      process.stdout.write(`${contender.name}: ${JSON.stringify(crowd.counts)}\n`);
    }
    return [contender.name, String(plan.tokens.length), ...cells, (await scene.megabytes()).toFixed(0)];
  } finally {
    crowd.leave();
    await stop();
  }
}

async function warmUp({ crowd, publish }: Scene, { tokens }: CrowdPlan): Promise<void> {
  const some = tokens.slice(0, warmUpSockets);
  await crowd.join(some, connectsAtATime);
  await wait(subscribingMs);
  for (let event = 0; event < warmUpEvents; event += 1) await publish();
  await crowd.untilAnswers(warmUpEvents * some.length, patienceMs);
  crowd.leave();
  await wait(settleMs);
}

/** What a socket holds, how fast they come, and what that takes. */
async function comeIn({ crowd, publish, processorMs, megabytes }: Scene, { tokens }: CrowdPlan): Promise<string[]> {
  const before = { megabytes: await megabytes(), processorMs: await processorMs(), answers: crowd.counts.answers };
  const joinMs = await crowd.join(tokens, connectsAtATime);
  await wait(subscribingMs);
  const spentMs = (await processorMs()) - before.processorMs;
  await publish();
  await crowd.untilAnswers(before.answers + tokens.length, patienceMs);
  await wait(settleMs);
  const kilobytes = ((await megabytes()) - before.megabytes) * 1_024;
  return [
    (kilobytes / tokens.length).toFixed(1),
    ((tokens.length * 1_000) / joinMs).toFixed(0),
    (spentMs / tokens.length).toFixed(2),
  ];
}

async function deliver(scene: Scene, { tokens, eventsPerSecond, seconds }: CrowdPlan): Promise<string[]> {
  const { crowd, publish, processorMs } = scene;
  crowd.takeLatencies();
  const before = { ...(await scene.counts()), processorMs: await processorMs(), answers: crowd.counts.answers };
  const startedAtMs = performance.now();
  const events = Math.round(eventsPerSecond * seconds);
  for (let event = 0; event < events; event += 1) {
    await wait(Math.max(0, startedAtMs + (event * 1_000) / eventsPerSecond - performance.now()));
    void publish();
  }
  await crowd.untilAnswers(before.answers + events * tokens.length, patienceMs);
  const tookMs = performance.now() - startedAtMs;
  const answers = crowd.counts.answers - before.answers;
  const spentMs = (await processorMs()) - before.processorMs;
  const { published, resolutions } = await scene.counts();
  const latencies = Float64Array.from(crowd.takeLatencies()).sort();
  const atShare = (share: number): string => (latencies[Math.floor(latencies.length * share)] ?? Number.NaN).toFixed(0);
  return [
    ((answers * 1_000) / tookMs).toFixed(0),
    ((answers * 100) / (events * tokens.length)).toFixed(2),
    atShare(0.5),
    atShare(0.99),
    ((spentMs * 1_000) / answers).toFixed(1),
    ((resolutions - before.resolutions) / (published - before.published)).toFixed(0),
  ];
}
