/** What gateways ask the tenant subgraph for, as the schema of one that stands in for it. */
export const tenantSchema = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
  type Query { unused: Int }
  type Tenant @key(fields: "id") {
    id: ID! status: String! plan: String! disabledServices: [String!]! securityPolicy: SecurityPolicy
  }
  type SecurityPolicy {
    version: Int! isMfaRequired: Boolean! maxSessionMinutes: Int maxIdleMinutes: Int signInWays: [String!]! networks: [String!]!
  }`;
