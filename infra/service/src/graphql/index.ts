export { GraphQLJSON, GraphQLSafeInt } from 'graphql-scalars';
export { CacheAsParent, CacheFor } from './cache-control.js';
export { connectionType, PageInfo, toConnection, type Connection, type Edge } from './connection.js';
export { Cost, ListCost, PagedCost } from './cost.js';
export { Delivery, type DeliveryOptions } from './delivery.js';
export { Events, type EventsOptions } from './events.js';
export { codeOfGraphql, formatSubgraphError, fromResolverError } from './format-error.js';
export { PageArgumentsType } from './page-arguments.js';
export {
  createSubgraphSchema,
  type ReferenceResolver,
  type ReferenceResolvers,
  type ResolverClasses,
  type SubgraphSchema,
} from './subgraph-schema.js';
