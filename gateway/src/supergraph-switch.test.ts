import { expect, test } from '@jest/globals';
import { createLogger } from '@tessera/service/logging';
import type { RequestContext } from './context.js';
import type { Generation } from './generation.js';
import type { Supergraph } from './planning/supergraph.js';
import { createSupergraphSwitch } from './supergraph-switch.js';
import type { OperationHandler } from './transport/operation-handler.js';
import type { OperationRequest } from './transport/operation-request.js';

const operation = { source: '{ a }', hash: 'a', operationName: undefined };

const refuse = () => Promise.reject(new Error('Nothing is answered here'));

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

function work(forMs: number): void {
  const endsAtMs = performance.now() + forMs;
  while (performance.now() < endsAtMs);
}

/** A generation that only notes whether a pause of its warming up is a rest. */
function restful(rests: boolean[]): Generation {
  return {
    supergraph: {} as Supergraph,
    handler: { prepare: refuse } as Partial<OperationHandler> as OperationHandler,
    warmUp: () => async (_operation, pause) => {
      work(2);
      const before = timers();
      const paused = pause();
      rests.push(timers() > before);
      await paused;
    },
    close: () => Promise.resolve(),
  } as Partial<Generation> as Generation;
}

test('before the first request operations are made ready without rests, then with rests for those who ask', async () => {
  const rests: boolean[] = [];
  const supergraphs = createSupergraphSwitch({
    first: restful(rests),
    create: refuse,
    operationsToWarm: () => [],
    logger: createLogger({ service: 'gateway', level: 'silent' }),
    onSwitch: () => undefined,
  });

  await supergraphs.warm([operation]);
  await supergraphs.handler.prepare({} as OperationRequest, {} as RequestContext).catch(() => undefined);
  await supergraphs.warm([operation]);

  expect(rests).toEqual([false, true]);
  await supergraphs.close();
});
