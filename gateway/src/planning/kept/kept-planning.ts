import { createNativeHosts, type NativeHosts } from '../native-hosts.js';
import { createKeptPlans, type KeptPlans } from './kept-plans.js';

/** What of planning outlives a supergraph. */
export interface KeptPlanning {
  readonly plans: KeptPlans;
  readonly nativeHosts: NativeHosts;
}

/** Creates it, empty. */
export function createKeptPlanning(): KeptPlanning {
  return { plans: createKeptPlans(), nativeHosts: createNativeHosts() };
}
