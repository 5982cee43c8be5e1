import { BlockList, isIP } from 'node:net';

/** Addresses are counted by so many bits of IPv6: one line of a provider has at least as many (RFC 6177). */
const maxIpv6Bits = 64;

interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Whether a text is an IPv4 address or network (`203.0.113.0/24`), or an IPv6 network of at most 64 bits (`2001:db8::/48`). */
export function isPolicyNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

/** Finds addresses in policies' networks; what is put together for that is kept as long as the policy is. */
export class NetworkLists {
  readonly #lists = new WeakMap<readonly string[], BlockList>();

  /**
   * Whether an address lies in one of the networks.
   *
   * @param networks as {@link isPolicyNetwork} has them
   * @param address as the gateway counts it: IPv4, or the first 64 bits of IPv6 (`2001:db8:0:1::/64`)
   */
  has(networks: readonly string[], address: string): boolean {
    const [plain = ''] = address.split('/');
    const version = isIP(plain);
    return version !== 0 && this.#listOf(networks).check(plain, version === 4 ? 'ipv4' : 'ipv6');
  }

  #listOf(networks: readonly string[]): BlockList {
    const known = this.#lists.get(networks);
    if (known !== undefined) return known;
    const list = new BlockList();
    for (const text of networks) {
      const network = parseNetwork(text);
      if (network !== undefined) list.addSubnet(network.address, network.bits, network.family);
    }
    this.#lists.set(networks, list);
    return list;
  }
}

function parseNetwork(text: string): Network | undefined {
  const [address = '', bitsText, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined;
  if (bitsText !== undefined && !/^\d{1,3}$/.test(bitsText)) return undefined;
  const bits = bitsText === undefined ? undefined : Number(bitsText);
  if (version === 4) return (bits ?? 32) <= 32 ? { address, bits: bits ?? 32, family: 'ipv4' } : undefined;
  // An address alone would be finer than anybody is told apart by.
  return bits !== undefined && bits <= maxIpv6Bits ? { address, bits, family: 'ipv6' } : undefined;
}
