import { eventTypes } from './live-events.js';

/** The federated schema: every member of a tenant gets the same events, and none may be left out. */
export const subgraphTypes = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"])
    @link(url: "https://specs.tessera.dev/delivery/v1.0", import: ["@delivery"])
    @composeDirective(name: "@delivery")
  directive @delivery(sharedBy: String! = "principal", whenBehind: String! = "close") on FIELD_DEFINITION
  type Query { nothing: Int }
  type Subscription { liveMetrics: LiveMetrics! @delivery(sharedBy: "tenant") }
  ${eventTypes}
`;
