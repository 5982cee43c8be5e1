import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import type { ClientDetails } from '@tessera/service/identity';

/**
 * Tells devices apart well enough to notice a strange one: by what the program calls itself, whose versions change by
 * themselves, and by the network around its address, for most addresses change too. Neither proves anything.
 */
export function deviceKeyOf({ userAgent = '', address = '' }: ClientDetails): Buffer {
  const program = userAgent.replaceAll(/[\d._]+/g, '');
  return createHash('sha256')
    .update(JSON.stringify([program, networkOf(address)]))
    .digest();
}

/** Of IPv4 the first 16 bits, of IPv6 the first 32: about what one provider has in one region. */
function networkOf(address: string): string {
  return (isIPv4(address) ? address.split('.') : address.split(':')).slice(0, 2).join('.');
}
