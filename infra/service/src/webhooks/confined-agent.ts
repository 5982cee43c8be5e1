import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent } from 'undici';
import { isPublicAddress } from './public-address.js';

/** Why a connection was not made. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';

  constructor() {
    super('The host of the webhook has a private address');
  }
}

const maxConnectionsPerHost = 10;
const connectTimeoutMs = 5_000;

/**
 * Creates what connects to receivers of webhooks. A name is judged by the very addresses that are then connected to, so that an
 * answer of DNS that changes in between opens nothing; one private address among them is enough to refuse.
 */
export function createWebhookAgent(allowPrivate: boolean): Agent {
  return new Agent({
    connections: maxConnectionsPerHost,
    connect: { timeout: connectTimeoutMs, ...(!allowPrivate && { lookup: lookupPublic }) },
  });
}

const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: readonly LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error !== null) callback(error, '', 0);
    else if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
      callback(new PrivateAddressError(), '', 0);
    } else if (options.all === true) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  });
};
