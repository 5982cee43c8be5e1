import type { Planner } from './planner.js';
import type { Supergraph } from './supergraph.js';

/** Creates the planner written in Rust (`@graphql-hive/router-query-planner`): it plans off the event loop. */
export declare function createNativePlanner(supergraph: Supergraph): Planner;
