/** Both fields have the same events; only what becomes of those that nobody reads differs. */
export const steadyTypes = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"])
    @link(url: "https://specs.tessera.dev/delivery/v1.0", import: ["@delivery"])
    @composeDirective(name: "@delivery")
  directive @delivery(sharedBy: String! = "principal", whenBehind: String! = "close") on FIELD_DEFINITION
  type Query { nothing: Int }
  type Subscription {
    every: Event! @delivery(whenBehind: "close")
    latest: Event! @delivery(whenBehind: "latest")
  }
  type Event { at: Float! filling: String! }
`;
