export type { SubgraphContext } from './context.js';
export { createSubgraph, type CreatedSubgraph } from './create-subgraph.js';
export type { CreateSubgraphOptions } from './create-platform.js';
export {
  defineSubgraph,
  type Assembly,
  type EventHandler,
  type Subgraph,
  type SubgraphConfig,
  type SubgraphDeclaration,
} from './declaration.js';
export { dispatchEvents } from './dispatch-events.js';
export { IdentifiedEvent } from './identified-event.js';
export type { Platform, SharedAdapters } from './platform.js';
export { run } from './run.js';
