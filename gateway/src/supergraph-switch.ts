import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import { countUses, type CountedHandler } from './generation-uses.js';
import type { Generation } from './generation.js';
import type { BusyOperations } from './planning/busy-operations.js';
import type { OperationHandler } from './transport/operation-handler.js';

export interface SupergraphSwitchOptions {
  readonly first: Generation;
  readonly create: (supergraphSdl: string) => Promise<Generation>;
  readonly busyOperations: BusyOperations;
  readonly logger: Logger;
  /** Told when requests go to another supergraph. */
  readonly onSwitch: (generation: Generation, before: Generation) => void;
}

/** Leads requests to the newest supergraph that loads. */
export interface SupergraphSwitch {
  readonly handler: OperationHandler;
  /**
   * Takes over a supergraph: its rooms are built and its busiest operations planned, then new requests go there. Those
   * under way, and streams, end where they began. One that does not load changes nothing. Never rejects; of several
   * that are offered meanwhile only the last is taken.
   */
  offer(supergraphSdl: string): Promise<void>;
  /** @throws AppError where the supergraph that was offered last was refused */
  assertAccepted(): void;
  close(): Promise<void>;
}

const maxWarmOperations = 200;
const maxWarmUpMs = 10_000;

interface Current extends CountedHandler {
  readonly generation: Generation;
}

/** Creates the switch; it closes every generation that it was given or has made. */
export function createSupergraphSwitch(options: SupergraphSwitchOptions): SupergraphSwitch {
  const { create, busyOperations, logger, onSwitch } = options;
  let current: Current = { ...countUses(options.first.handler), generation: options.first };
  const open = new Set([options.first]);
  let offered: string | undefined;
  let taking: Promise<void> | undefined;
  let refusal: Error | undefined;
  let isClosed = false;

  async function close(generation: Generation): Promise<void> {
    if (open.delete(generation)) await generation.close();
  }

  function retire({ generation, unused }: Current): void {
    unused()
      .then(() => close(generation))
      .then(() => logger.info({ supergraph: generation.supergraph.id }, 'a supergraph is out of use'))
      .catch((error: unknown) => logger.error({ err: error }, 'closing a supergraph failed'));
  }

  /** Plans what is asked for most, no faster than requests beside it bear: it rests as long as it works. */
  async function warmUp(generation: Generation): Promise<void> {
    const endsAtMs = performance.now() + maxWarmUpMs;
    let unknown = 0;
    for (const operation of busyOperations.busiest(maxWarmOperations)) {
      const startedAtMs = performance.now();
      if (startedAtMs > endsAtMs || isClosed) break;
      await generation.warm(operation).catch(() => (unknown += 1));
      await delay(performance.now() - startedAtMs);
    }
    if (unknown > 0) logger.warn({ operations: unknown }, 'operations in use do not run on the new supergraph');
  }

  async function take(supergraphSdl: string): Promise<void> {
    try {
      const generation = await create(supergraphSdl);
      open.add(generation);
      refusal = undefined;
      await warmUp(generation);
      if (isClosed) return await close(generation);
      const before = current;
      current = { ...countUses(generation.handler), generation };
      retire(before);
      onSwitch(generation, before.generation);
    } catch (error) {
      refusal = error as Error;
      logger.error({ err: refusal }, 'a supergraph is refused, the one before goes on');
    }
  }

  async function takeAll(): Promise<void> {
    while (offered !== undefined && !isClosed) {
      const supergraphSdl = offered;
      offered = undefined;
      if (supergraphSdl === current.generation.supergraph.sdl) refusal = undefined;
      else await take(supergraphSdl);
    }
    taking = undefined;
  }

  return {
    handler: {
      authenticate: (authorization, clientAddress) => current.handler.authenticate(authorization, clientAddress),
      prepare: (request, context) => current.handler.prepare(request, context),
    },
    offer(supergraphSdl) {
      offered = supergraphSdl;
      taking ??= takeAll();
      return taking;
    },
    assertAccepted() {
      if (refusal === undefined) return;
      throw new AppError('PRECONDITION_FAILED', 'The newest supergraph was refused', { cause: refusal });
    },
    async close() {
      isClosed = true;
      await taking;
      await Promise.all([...open].map(close));
    },
  };
}
