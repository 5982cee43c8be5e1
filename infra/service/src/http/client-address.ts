import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { countedAddress, plainAddress } from './ip-address.js';
import { createNetworkCheck } from './trusted-networks.js';

/** Answers the address of a request's client, as limits count it; `unknown` for a connection that has ended already. */
export type ClientAddressOf = (request: Pick<IncomingMessage, 'socket' | 'headers'>) => string;

/** What a connection says about itself, found out once. */
interface Peer {
  readonly address: string;
  readonly isTrusted: boolean;
}

const unknown = 'unknown';
/** No honest chain of proxies is longer, and each hop costs. */
const maxHops = 32;

/**
 * Creates the finder of clients' addresses. What is connected to us is the client, unless it is a proxy that is trusted:
 * then `X-Forwarded-For` is read from its right end, where our own proxies write, and the first hop that is none of them
 * is the client. What a client writes into that header itself stands further left and is never looked at.
 *
 * @param trustedProxies addresses, networks, `loopback` or `private`; see {@link isNetwork}
 */
export function createClientAddresses(trustedProxies: readonly string[]): ClientAddressOf {
  const isTrusted = createNetworkCheck(trustedProxies);
  const peers = new WeakMap<Socket, Peer>();

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
