import { setImmediate as turn } from 'node:timers/promises';
import { AppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import { countUses, type CountedHandler } from './generation-uses.js';
import type { Generation } from './generation.js';
import { MovableSubscription, type MovableEvents } from './movable-subscription.js';
import type { BusyOperation } from './planning/busy-operations.js';
import { Rests } from './planning/rests.js';
import type { RequestContext } from './context.js';
import type { OperationHandler, ReadyOperation } from './transport/operation-handler.js';
import type { OperationRequest } from './transport/operation-request.js';
import type { WarmUp } from './warm-up.js';

export interface SupergraphSwitchOptions {
  readonly first: Generation;
  /** Makes what answers with a supergraph, beside requests: with rests between. */
  readonly create: (supergraphSdl: string, rests: Rests) => Promise<Generation>;
  /** What is planned before a supergraph takes requests, the most wanted first. */
  readonly operationsToWarm: () => Iterable<BusyOperation>;
  readonly logger: Logger;
  /** Told when requests go to another supergraph. */
  readonly onSwitch: (generation: Generation, before: Generation) => void;
}

/** An operation that does not run on a supergraph. */
export interface WarmFailure extends BusyOperation {
  readonly reason: string;
}

/** Leads requests to the newest supergraph that loads. */
export interface SupergraphSwitch {
  readonly handler: OperationHandler;
  /**
   * Takes over a supergraph: its rooms are built and its operations planned, then new requests go there. Those
   * under way end where they began; subscriptions go on with the new one, and those that it does not know end with the
   * reason. One that does not load changes nothing. Never rejects; of several that are offered meanwhile only the last is
   * taken.
   */
  offer(supergraphSdl: string): Promise<void>;
  /**
   * Plans operations on the supergraph of now, within bounds of time, because they are about to be asked for.
   *
   * @returns those that do not run on it
   */
  warm(operations: Iterable<BusyOperation>): Promise<readonly WarmFailure[]>;
  /** @throws AppError where the supergraph that was offered last was refused */
  assertAccepted(): void;
  close(): Promise<void>;
}

const maxWarmOperations = 700;
const maxWarmUpMs = 30_000;
/** Subscriptions that are moved before others of the process have a turn. */
const movedPerTurn = 32;

interface Current extends CountedHandler {
  readonly generation: Generation;
}

/** Creates the switch; it closes every generation that it was given or has made. */
export function createSupergraphSwitch(options: SupergraphSwitchOptions): SupergraphSwitch {
  const { create, operationsToWarm, logger, onSwitch } = options;
  const rests = new Rests();
  let current: Current = { ...countUses(options.first.handler), generation: options.first };
  const open = new Set([options.first]);
  let offered: string | undefined;
  let taking: Promise<void> | undefined;
  let refusal: Error | undefined;
  let isClosed = false;
  let isAsked = false;
  /** By the supergraph that they run on, or are on their way to. */
  const subscriptions = new Map<MovableSubscription, Current>();
  let moving: Promise<void> | undefined;

  async function close(generation: Generation): Promise<void> {
    if (open.delete(generation)) await generation.close();
  }

  function retire({ generation, unused }: Current): void {
    unused()
      .then(() => close(generation))
      .then(() => logger.info({ supergraph: generation.supergraph.id }, 'a supergraph is out of use'))
      .catch((error: unknown) => logger.error({ err: error }, 'closing a supergraph failed'));
  }

  /** Plans one by one, no faster than requests beside it bear. Before the first one nobody waits for anything. */
  async function warmUp(warm: WarmUp, operations: Iterable<BusyOperation>): Promise<WarmFailure[]> {
    const endsAtMs = performance.now() + maxWarmUpMs;
    const failed: WarmFailure[] = [];
    let left = maxWarmOperations;
    const pause = isAsked ? rests.pauses() : () => Promise.resolve();
    for (const operation of operations) {
      if (performance.now() > endsAtMs || left === 0 || isClosed) break;
      left -= 1;
      await warm(operation, pause).catch((error: Error) => failed.push({ ...operation, reason: error.message }));
      await pause();
    }
    return failed;
  }

  async function take(supergraphSdl: string): Promise<void> {
    try {
      const generation = await create(supergraphSdl, rests);
      open.add(generation);
      refusal = undefined;
      const unknown = await warmUp(generation.warmUp(current.generation), operationsToWarm());
      if (unknown.length > 0) {
        logger.warn({ operations: unknown.length }, 'operations in use do not run on the new supergraph');
      }
      if (isClosed) return await close(generation);
      const before = current;
      current = { ...countUses(generation.handler), generation };
      onSwitch(generation, before.generation);
      retire(before);
      moveSubscriptions();
    } catch (error) {
      refusal = error as Error;
      logger.error({ err: refusal }, 'a supergraph is refused, the one before goes on');
    }
  }

  async function takeAll(): Promise<void> {
    // What has nothing to wait for would end before `taking` is set, and nothing would be taken any more.
    await Promise.resolve();
    while (offered !== undefined && !isClosed) {
      const supergraphSdl = offered;
      offered = undefined;
      if (supergraphSdl === current.generation.supergraph.sdl) refusal = undefined;
      else await take(supergraphSdl);
    }
    taking = undefined;
  }

  function moveSubscriptions(): void {
    moving ??= moveAll().finally(() => (moving = undefined));
  }

  async function moveAll(): Promise<void> {
    let moved = 0;
    for (const [subscription, on] of subscriptions) {
      if (isClosed) return;
      if (on === current) continue;
      // Set anew it is looked at again, should there be another supergraph by then.
      subscriptions.delete(subscription);
      subscriptions.set(subscription, current);
      await subscription.move(current.handler);
      moved += 1;
      if (moved % movedPerTurn === 0) await turn();
    }
    if (moved > 0) logger.info({ subscriptions: moved }, 'subscriptions go on with another supergraph');
  }

  const movableEvents: MovableEvents = {
    ended: (ended) => void subscriptions.delete(ended),
    renewed(renewed) {
      subscriptions.set(renewed, current);
      void renewed.move(current.handler);
    },
  };

  /** Whoever keeps what is returned does not keep the supergraph: the subscription may be on another one by then. */
  function movable(ready: ReadyOperation, request: OperationRequest, on: Current): ReadyOperation {
    let first: { readonly ready: ReadyOperation; readonly on: Current } | undefined = { ready, on };
    const take = () => {
      if (first === undefined) throw new TypeError('A subscription is opened once');
      const taken = first;
      first = undefined;
      return taken;
    };
    return {
      kind: 'subscription',
      run: (context) => take().ready.run(context),
      subscribe(context) {
        const taken = take();
        const subscription = new MovableSubscription(request, context, taken.ready, movableEvents);
        subscriptions.set(subscription, taken.on);
        if (taken.on !== current) moveSubscriptions();
        return subscription;
      },
    };
  }

  async function prepare(request: OperationRequest, context: RequestContext): Promise<ReadyOperation> {
    const on = current;
    isAsked = true;
    const ready = await on.handler.prepare(request, context);
    return ready.kind === 'subscription' ? movable(ready, request, on) : ready;
  }

  return {
    handler: {
      authenticate: (authorization, clientAddress) => current.handler.authenticate(authorization, clientAddress),
      prepare,
    },
    offer(supergraphSdl) {
      offered = supergraphSdl;
      taking ??= takeAll();
      return taking;
    },
    warm: (operations) => warmUp(current.generation.warmUp(), operations),
    assertAccepted() {
      if (refusal === undefined) return;
      throw new AppError('PRECONDITION_FAILED', 'The newest supergraph was refused', { cause: refusal });
    },
    async close() {
      isClosed = true;
      await taking;
      await moving;
      rests.close();
      await Promise.all([...open].map(close));
    },
  };
}
