import { isIP } from 'node:net';

/**
 * Writes an address in the one form that limits count by: IPv4 as it is, of IPv6 the first 64 bits, because one customer
 * of a provider has at least so many (RFC 6177).
 *
 * @returns undefined for what is no address
 */
export function countedAddress(address: string): string | undefined {
  const plain = plainAddress(address);
  const version = isIP(plain);
  if (version === 4) return plain;
  return version === 6 ? `${ipv6Groups(plain).slice(0, 4).join(':')}::/64` : undefined;
}

/** Takes off what may stand around an address: brackets, a port, a zone, and the prefix of IPv4 within IPv6. */
export function plainAddress(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1];
  const withoutPort = bracketed ?? (/^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text);
  const [withoutZone = ''] = withoutPort.split('%');
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutZone)?.[1] ?? withoutZone;
}

/** The eight groups of a valid IPv6 address, without leading zeros. */
function ipv6Groups(address: string): readonly string[] {
  const [head = '', tail] = address.toLowerCase().split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].map((group) => group.replace(/^0+(?=.)/, ''));
}

function groupsOf(text: string): readonly string[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => (group.includes('.') ? ipv4Groups(group) : [group]));
}

function ipv4Groups(address: string): readonly string[] {
  const [first = 0, second = 0, third = 0, fourth = 0] = address.split('.').map(Number);
  return [((first << 8) | second).toString(16), ((third << 8) | fourth).toString(16)];
}
