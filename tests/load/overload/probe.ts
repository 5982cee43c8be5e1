import { setTimeout as wait } from 'node:timers/promises';

/** How a probe fared beside the load. */
export interface ProbeResult {
  readonly asked: number;
  readonly failed: number;
  readonly slowestMs: number;
}

/** Asks for `/health` five times a second, as an orchestrator would, until it is told to stop. */
export function startProbe(origin: string): { stop(): Promise<ProbeResult> } {
  const stopping = new AbortController();
  let [asked, failed, slowestMs] = [0, 0, 0];
  const ask = async (): Promise<void> => {
    asked += 1;
    const askedAt = performance.now();
    try {
      const { ok } = await fetch(`${origin}/health`, { signal: AbortSignal.timeout(5_000) });
      if (!ok) failed += 1;
    } catch {
      failed += 1;
    }
    slowestMs = Math.max(slowestMs, performance.now() - askedAt);
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await ask();
      await wait(200, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
      return { asked, failed, slowestMs };
    },
  };
}
