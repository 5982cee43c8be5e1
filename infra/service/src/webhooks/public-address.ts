import { BlockList, isIP } from 'node:net';
import { plainAddress } from '../http/ip-address.js';

/**
 * Networks that are not the internet's (RFC 6890 and its registries): this host, private, link-local (where clouds keep their
 * credentials), shared, documentation, benchmarks, multicast, reserved; and those of IPv6 that hide an IPv4 address.
 */
const foreign = {
  ipv4: [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
    ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
    ...['224.0.0.0/4', '240.0.0.0/4'],
  ],
  ipv6: [
    ...['::/96', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32'],
    ...['2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/9', 'ff00::/8'],
  ],
} as const;

/** One list a family: a list takes a rule about `::ffff:0:0/96` for one about every IPv4 address. */
const foreignNetworks = { ipv4: createList('ipv4'), ipv6: createList('ipv6') };

function createList(family: keyof typeof foreign): BlockList {
  const list = new BlockList();
  for (const network of foreign[family]) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** Whether an IP address is one of the internet. False for what is no address. */
export function isPublicAddress(address: string): boolean {
  const plain = plainAddress(address);
  const version = isIP(plain);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return !foreignNetworks[family].check(plain, family);
}
