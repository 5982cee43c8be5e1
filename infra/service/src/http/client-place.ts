import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { plainAddress } from './ip-address.js';
import { createNetworkCheck } from './trusted-networks.js';

/** Where a client is, as a proxy says that knows places of addresses. */
export interface ClientPlace {
  /** ISO 3166-1 alpha-2, or what the proxy has besides (`T1`: Tor). */
  readonly country?: string;
  readonly city?: string;
}

/** Answers the place of a request's client; undefined where nobody who is trusted says it. */
export type ClientPlaceOf = (request: Pick<IncomingMessage, 'socket' | 'headers'>) => ClientPlace | undefined;

export interface ClientPlacesOptions {
  /** Addresses, networks, `loopback` or `private`: who is connected from elsewhere may write what it likes, and is not heard. */
  readonly trustedProxies: readonly string[];
  /** Name of the header with the country, in small letters, as `cf-ipcountry`. */
  readonly countryHeader: string | undefined;
  /** Name of the header with the city, in small letters. */
  readonly cityHeader: string | undefined;
}

/** `XX`, with which proxies say that they do not know, is none. */
const countryPattern = /^(?!XX)[A-Z][A-Z0-9]$/;
const maxCityLength = 100;

/**
 * Creates the finder of clients' places. They are for people to read, never for rights: a proxy's guess by the address.
 */
export function createClientPlaces(options: ClientPlacesOptions): ClientPlaceOf {
  const { trustedProxies, countryHeader, cityHeader } = options;
  if (countryHeader === undefined && cityHeader === undefined) return () => undefined;
  const isTrusted = createNetworkCheck(trustedProxies);
  const peers = new WeakMap<Socket, boolean>();
  const isTrustedPeer = (socket: Socket): boolean => {
    const known = peers.get(socket);
    if (known !== undefined) return known;
    const found = isTrusted(plainAddress(socket.remoteAddress ?? ''));
    peers.set(socket, found);
    return found;
  };
  return ({ socket, headers }) => {
    if (!isTrustedPeer(socket)) return undefined;
    const country = countryHeader === undefined ? undefined : countryIn(headers[countryHeader]);
    const city = cityHeader === undefined ? undefined : cityIn(headers[cityHeader]);
    if (country === undefined && city === undefined) return undefined;
    return { ...(country !== undefined && { country }), ...(city !== undefined && { city }) };
  };
}

function countryIn(value: unknown): string | undefined {
  const country = typeof value === 'string' ? value.trim().toUpperCase() : '';
  return countryPattern.test(country) ? country : undefined;
}

/** Some proxies send UTF-8, which Node reads as Latin-1 (RFC 9110, 5.5), some percent-encode it. */
function cityIn(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 4 * maxCityLength) return undefined;
  const decoded = Buffer.from(value, 'latin1').toString('utf8');
  const text = percentDecoded(decoded.includes('\ufffd') ? value : decoded);
  const city = text
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Zs}'’.,()/-]+/gu, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
  return city === '' ? undefined : city.slice(0, maxCityLength);
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
