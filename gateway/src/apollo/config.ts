import type { Environment } from '@tessera/service/config';
import type { ManagedOptions } from './gateway-options.js';

/** Where Apollo's schema registry answers. */
const defaultEndpoints = ['https://uplink.api.apollographql.com/', 'https://aws.uplink.api.apollographql.com/'];

/** Where supergraphs come from: what the options say, or the environment in `ApolloGateway`'s words, or Apollo's own. */
export function findUplinkEndpoints(
  { uplinkEndpoints, schemaConfigDeliveryEndpoint }: ManagedOptions,
  environment: Environment = process.env,
): readonly string[] {
  if (uplinkEndpoints !== undefined) return uplinkEndpoints;
  if (schemaConfigDeliveryEndpoint !== undefined) return [schemaConfigDeliveryEndpoint];
  const named = environment['APOLLO_SCHEMA_CONFIG_DELIVERY_ENDPOINT'];
  return named === undefined ? defaultEndpoints : named.split(',');
}
