import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { createClientAddresses } from './client-address.js';
import { isNetwork } from './trusted-networks.js';

function aRequest(remoteAddress: string, forwardedFor?: string): IncomingMessage {
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  return { headers, socket: { remoteAddress } as Socket } as IncomingMessage;
}

const behindProxies = createClientAddresses(['loopback', '10.0.0.0/8', '2001:db8:1::/48']);

describe('the address of a client', () => {
  test('is what is connected, whatever the client says, where no proxy is trusted', () => {
    expect(createClientAddresses([])(aRequest('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9');
    expect(behindProxies(aRequest('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9');
  });

  test('is the right-most hop that is no trusted proxy, so that nobody can choose it', () => {
    const spoofed = '1.1.1.1, 10.9.9.9, 198.51.100.7, 10.0.0.3, 127.0.0.1';

    expect(behindProxies(aRequest('10.0.0.2', spoofed))).toBe('198.51.100.7');
    expect(behindProxies(aRequest('::ffff:10.0.0.2', '198.51.100.7'))).toBe('198.51.100.7');
  });

  test('is the proxy itself where it forwards for nobody, or for what is no address', () => {
    expect(behindProxies(aRequest('10.0.0.2'))).toBe('10.0.0.2');
    expect(behindProxies(aRequest('10.0.0.2', ''))).toBe('10.0.0.2');
    expect(behindProxies(aRequest('10.0.0.2', '198.51.100.7, unknown'))).toBe('10.0.0.2');
    expect(behindProxies(aRequest('10.0.0.2', '198.51.100.7, unknown, 10.0.0.3'))).toBe('10.0.0.3');
  });

  test('is the furthest proxy where all hops are trusted, however many there are', () => {
    expect(behindProxies(aRequest('10.0.0.2', '10.0.0.7,10.0.0.8'))).toBe('10.0.0.7');
    expect(behindProxies(aRequest('10.0.0.2', `10.0.0.7,${'10.0.0.8,'.repeat(1_000)}10.0.0.9`))).toBe('10.0.0.8');
  });

  test('may come with a port, in brackets, or as IPv4 within IPv6', () => {
    expect(behindProxies(aRequest('10.0.0.2', '198.51.100.7:4711'))).toBe('198.51.100.7');
    expect(behindProxies(aRequest('10.0.0.2', '::ffff:198.51.100.7'))).toBe('198.51.100.7');
    expect(behindProxies(aRequest('10.0.0.2', '[2001:db8:2::1]:4711'))).toBe('2001:db8:2:0::/64');
  });

  test('counts by the first 64 bits of IPv6, however it is written', () => {
    const direct = createClientAddresses([]);

    expect(direct(aRequest('2001:0db8:00a0::1'))).toBe('2001:db8:a0:0::/64');
    expect(direct(aRequest('2001:db8:a0:0:ffff:ffff:ffff:ffff'))).toBe('2001:db8:a0:0::/64');
    expect(direct(aRequest('fe80::1%eth0'))).toBe('fe80:0:0:0::/64');
    expect(direct(aRequest('::1'))).toBe('0:0:0:0::/64');
  });

  test('is unknown, and one for all, where the connection has ended', () => {
    expect(behindProxies({ headers: {}, socket: {} as Socket } as IncomingMessage)).toBe('unknown');
  });
});

test.each([
  ['10.0.0.1', true],
  ['10.0.0.0/8', true],
  ['2001:db8::/32', true],
  ['loopback', true],
  ['private', true],
  ['10.0.0.0/33', false],
  ['10.0.0.0/8/8', false],
  ['proxy.local', false],
  ['', false],
])('%p is a network: %p', (text, expected) => {
  expect(isNetwork(text)).toBe(expected);
});
