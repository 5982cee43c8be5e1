import { QueryPlanner } from '@graphql-hive/router-query-planner';
import type { QueryPlan } from '../query-plan.js';
import type { HostReply, HostRequest } from './host-messages.js';
import { servePlans } from './serve-plans.js';
import { watchMemory } from './watch-memory.js';

/** Labels that say no percentage are not rolled out. */
const noLabels: Set<string> = new Set();

/** The planner takes 0.3 GB in a second of a plan that never ends. */
const maxResidentBytes = 512 * 1024 * 1024;

/** Ends this process even while native threads work: an ordinary exit would wait for them. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

function send(reply: HostReply): void {
  process.send?.(reply);
}

function serveSeat(seat: number | undefined): (request: HostRequest) => Promise<void> {
  return servePlans(
    (supergraphSdl) => {
      const native = new QueryPlanner(supergraphSdl);
      // Off this process's event loop, which has to stay free for what follows.
      return (operation, operationName, roll) =>
        native.planAsync(operation, operationName, noLabels, roll) as Promise<QueryPlan>;
    },
    (reply) => send(seat === undefined ? reply : { ...reply, seat }),
  );
}

const watch = watchMemory(maxResidentBytes, end);
const seats = new Map<number | undefined, ReturnType<typeof serveSeat>>();

process.on('message', (request: HostRequest) => {
  const { seat } = request;
  const serve = seats.get(seat) ?? serveSeat(seat);
  if (request.kind === 'leave') {
    seats.delete(seat);
    // What a planner takes is not seen by the collector, who would let many of them pile up.
    globalThis.gc?.();
  } else {
    seats.set(seat, serve);
    watch.during(serve(request));
  }
});
process.on('disconnect', end);
// A terminal sends its signals to the gateway's children too, but the gateway plans on while it drains.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
