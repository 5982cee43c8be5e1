import type { IncomingMessage } from 'node:http';
import type { ClientPlaceOf } from '@tessera/service/http';
import type { ClientDetails } from '@tessera/service/identity';

const maxUserAgentLength = 256;

/** What a client calls itself, shortened; undefined where it does not. */
export function userAgentOf({ 'user-agent': userAgent }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof userAgent === 'string' ? userAgent.slice(0, maxUserAgentLength) : undefined;
}

/** Where a request that is no operation came from, as subgraphs are told. */
export function describeClient(message: IncomingMessage, address: string, clientPlaceOf: ClientPlaceOf): ClientDetails {
  const userAgent = userAgentOf(message.headers);
  return { address, ...clientPlaceOf(message), ...(userAgent !== undefined && { userAgent }) };
}
