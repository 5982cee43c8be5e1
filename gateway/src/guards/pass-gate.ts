import type { Principal } from '@tessera/service/identity';
import type { Gate, Leave } from '@tessera/service/overload';
import type { RequestContext } from '../context.js';
import { observeDeferral } from '../telemetry/observe-deferral.js';
import type { OperationHandler, ReadyOperation } from '../transport/operation-handler.js';

/** Whom work is for, where those who compete share: a tenant; all who act in none share what one tenant has. */
export function shareOf({ kind, tenantId }: Principal): string {
  return tenantId ?? kind;
}

/**
 * Lets operations through a gate, whatever transport they came by: from before their document is looked at until their answer
 * is there. A subscription passes it to be opened; its events are no work of the gate's.
 *
 * @returns the handler itself without a gate
 */
export function passGate(handler: OperationHandler, gate: Gate | undefined): OperationHandler {
  if (gate === undefined) return handler;
  return {
    authenticate: (authorization, clientAddress) => handler.authenticate(authorization, clientAddress),
    async prepare(request, context) {
      const entering = gate.enter(shareOf(context.principal), context.signal);
      const leave = entering instanceof Promise ? await entering : entering;
      try {
        const ready = await handler.prepare(request, context);
        if (ready.kind === 'subscription') {
          leave();
          return ready;
        }
        return leaveAfterRun(ready, leave);
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}

function leaveAfterRun(ready: ReadyOperation, leave: Leave): ReadyOperation {
  let isRun = false;
  // A transport may find out that it will not run it; one that does begins within this turn of the event loop.
  setImmediate(() => {
    if (!isRun) leave();
  });
  const { runDeferred } = ready;
  return {
    kind: ready.kind,
    ...(runDeferred !== undefined && {
      async runDeferred(context: RequestContext) {
        isRun = true;
        try {
          return observeDeferral(await runDeferred(context), leave);
        } catch (error) {
          leave();
          throw error;
        }
      },
    }),
    async run(context) {
      isRun = true;
      try {
        return await ready.run(context);
      } finally {
        leave();
      }
    },
    subscribe: (context) => ready.subscribe(context),
  };
}
