import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get as getOverTls } from 'node:https';
import { AppError } from '@tessera/service/errors';
import type { Health } from '@tessera/service/health';
import { http } from '@tessera/service/http';
import type { SubgraphUrls } from '../config.js';
import type { OpenCircuits } from './open-circuits.js';

const checkTimeoutMs = 1_000;
const rememberedMs = 1_000;

/**
 * Registers a readiness check per subgraph: without one of them the gateway is degraded, without all of them it is not
 * ready. Probes may come often, so an outcome is remembered for a second. A subgraph whose circuit is open is down,
 * whatever its probe says.
 */
export function registerSubgraphChecks(health: Health, urls: SubgraphUrls, circuits: OpenCircuits): void {
  const checks = [...urls].map(([name, instances]) => {
    const isAlive = remembered(() => assertAnyAnswers(name, instances));
    const check = async (): Promise<void> => {
      if (circuits.isOpen(name)) throw new AppError('SUBGRAPH_UNAVAILABLE', `Subgraph ${name} fails too often`);
      await isAlive();
    };
    return { name, check };
  });
  for (const { name, check } of checks) health.register(name, check, { required: false });
  health.register('subgraphs', async () => {
    const outcomes = await Promise.allSettled(checks.map(({ check }) => check()));
    if (outcomes.every(({ status }) => status === 'rejected')) {
      throw new AppError('SUBGRAPH_UNAVAILABLE', 'No subgraph answers');
    }
  });
}

async function assertAnyAnswers(name: string, instances: readonly string[]): Promise<void> {
  try {
    await Promise.any(instances.map(assertAnswers));
  } catch (error) {
    throw new AppError('SUBGRAPH_UNAVAILABLE', `Subgraph ${name} does not answer`, { cause: error });
  }
}

/** A foreign subgraph may have no such probe: whatever it answers but a server error shows that it is alive. */
async function assertAnswers(url: string): Promise<void> {
  const target = new URL('/health', url);
  const get = target.protocol === 'https:' ? getOverTls : http.get;
  const request = get(target, { agent: false, signal: AbortSignal.timeout(checkTimeoutMs) });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.destroy();
  const { statusCode = 500 } = response;
  if (statusCode >= 500) throw new Error(`The probe was answered with status ${statusCode}`);
}

function remembered(check: () => Promise<void>): () => Promise<void> {
  let outcome: Promise<void> | undefined;
  let forgetAtMs = 0;
  return () => {
    if (outcome === undefined || performance.now() >= forgetAtMs) {
      outcome = check();
      forgetAtMs = performance.now() + rememberedMs;
    }
    return outcome;
  };
}
