import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import { countedAddress, plainAddress } from './ip-address.js';

/** Answers the address of a request's client, as limits count it; `unknown` for a connection that has ended already. */
export type ClientAddressOf = (request: Pick<IncomingMessage, 'socket' | 'headers'>) => string;

/** What a connection says about itself, found out once. */
interface Peer {
  readonly address: string;
  readonly isTrusted: boolean;
}

/** Names for what proxies on the same machine, or in the same private network, have as addresses (RFC 1918, RFC 4193). */
const namedNetworks: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fe80::/10'],
};

const unknown = 'unknown';
/** No honest chain of proxies is longer, and each hop costs. */
const maxHops = 32;

/** Whether a text names an address, a network (`10.0.0.0/8`), `loopback` or `private`. */
export function isNetwork(text: string): boolean {
  if (Object.hasOwn(namedNetworks, text)) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/**
 * Creates the finder of clients' addresses. What is connected to us is the client, unless it is a proxy that is trusted:
 * then `X-Forwarded-For` is read from its right end, where our own proxies write, and the first hop that is none of them
 * is the client. What a client writes into that header itself stands further left and is never looked at.
 *
 * @param trustedProxies addresses, networks, `loopback` or `private`; see {@link isNetwork}
 */
export function createClientAddresses(trustedProxies: readonly string[]): ClientAddressOf {
  const trusted = new BlockList();
  for (const network of trustedProxies.flatMap((name) => namedNetworks[name] ?? [name])) addNetwork(trusted, network);
  const peers = new WeakMap<Socket, Peer>();

  const isTrusted = (address: string): boolean => {
    const version = isIP(address);
    return version !== 0 && trusted.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };

  const peerOf = (socket: Socket): Peer => {
    const known = peers.get(socket);
    if (known !== undefined) return known;
    const plain = plainAddress(socket.remoteAddress ?? '');
    const peer = { address: countedAddress(plain) ?? unknown, isTrusted: isTrusted(plain) };
    peers.set(socket, peer);
    return peer;
  };

  const firstStranger = (forwardedFor: string, proxy: string): string => {
    let nearest = proxy;
    let end = forwardedFor.length;
    for (let hops = 0; hops < maxHops && end > 0; hops += 1) {
      const start = forwardedFor.lastIndexOf(',', end - 1) + 1;
      const hop = plainAddress(forwardedFor.slice(start, end).trim());
      const address = countedAddress(hop);
      // What our own proxy wrote is an address; for anything else the proxy itself answers.
      if (address === undefined) return nearest;
      if (!isTrusted(hop)) return address;
      nearest = address;
      end = start - 1;
    }
    return nearest;
  };

  return ({ socket, headers }) => {
    const peer = peerOf(socket);
    if (!peer.isTrusted) return peer.address;
    const forwardedFor = headers['x-forwarded-for'];
    return typeof forwardedFor === 'string' ? firstStranger(forwardedFor, peer.address) : peer.address;
  };
}

function addNetwork(list: BlockList, network: string): void {
  const [address = '', bits] = network.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
}
