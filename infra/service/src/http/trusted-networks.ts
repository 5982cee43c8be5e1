import { BlockList, isIP } from 'node:net';

/** Names for what proxies on the same machine, or in the same private network, have as addresses (RFC 1918, RFC 4193). */
const namedNetworks: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fe80::/10'],
};

/** Whether a text names an address, a network (`10.0.0.0/8`), `loopback` or `private`. */
export function isNetwork(text: string): boolean {
  if (Object.hasOwn(namedNetworks, text)) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/**
 * Creates the check whether an address is of one of these networks; what is no address is of none.
 *
 * @param names addresses, networks, `loopback` or `private`; see {@link isNetwork}
 */
export function createNetworkCheck(names: readonly string[]): (address: string) => boolean {
  const networks = new BlockList();
  for (const network of names.flatMap((name) => namedNetworks[name] ?? [name])) addNetwork(networks, network);
  return (address) => {
    const version = isIP(address);
    return version !== 0 && networks.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}

function addNetwork(list: BlockList, network: string): void {
  const [address = '', bits] = network.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
}
