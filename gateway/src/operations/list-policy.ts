import { isPlatformAdmin } from '@tessera/service/identity';
import type { RequestContext } from '../context.js';

/**
 * What becomes of operations that are not registered. `off`: they run; `report`: they run, and are counted and logged;
 * `safelist`: what is registered runs, named by id or sent as an equal text; `id-only`: it runs when it is named by id.
 */
export const listModes = ['off', 'report', 'safelist', 'id-only'] as const;

/** One of {@link listModes}. */
export type ListMode = (typeof listModes)[number];

export interface ListPolicyOptions {
  readonly mode: ListMode;
  /** Client's name -> its own mode. A client says itself who it is: a laxer mode is one that anybody may claim. */
  readonly modeByClient: ReadonlyMap<string, ListMode>;
}

/** Says which mode holds for a request. */
export interface ListPolicy {
  readonly isEverOn: boolean;
  modeOf(context: Pick<RequestContext, 'clientName' | 'principal'>): ListMode;
}

/**
 * Creates the policy. The people who run the platform may ask anything, or a list that is wrong could keep them from mending it.
 */
export function createListPolicy({ mode, modeByClient }: ListPolicyOptions): ListPolicy {
  return {
    isEverOn: mode !== 'off' || [...modeByClient.values()].some((own) => own !== 'off'),
    modeOf({ clientName, principal }) {
      const chosen = modeByClient.get(clientName) ?? mode;
      return chosen !== 'off' && isPlatformAdmin(principal) ? 'off' : chosen;
    },
  };
}
