import { PlanExceeded } from '../plan-budget.js';
import type { QueryPlan } from '../query-plan.js';
import type { HostReply, HostRequest } from './host-messages.js';

export type PlanText = (
  operation: string,
  operationName: string | undefined,
  roll: number,
) => QueryPlan | Promise<QueryPlan>;

/**
 * The main job of a host: answers requests one after the other.
 *
 * @param load loads a supergraph and gives what plans over it; throws the reason where it does not load
 */
export function servePlans(load: (supergraphSdl: string) => PlanText, send: (reply: HostReply) => void) {
  let plan: PlanText = () => {
    throw new Error('No supergraph is loaded');
  };
  return async (request: HostRequest): Promise<void> => {
    try {
      if (request.kind === 'load') {
        plan = load(request.supergraphSdl);
        send({ kind: 'loaded' });
      } else if (request.kind === 'plan') {
        send({ kind: 'planned', plan: await plan(request.operation, request.operationName, request.roll) });
      }
    } catch (error) {
      if (error instanceof PlanExceeded) return send({ kind: 'exceeded' });
      send({ kind: 'refused', reason: error instanceof Error ? error.message : String(error) });
    }
  };
}
