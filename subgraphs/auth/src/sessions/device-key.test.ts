import { expect, test } from '@jest/globals';
import { deviceKeyOf } from './device-key.js';

const firefox = (version: string) => `Mozilla/5.0 (X11; Linux x86_64; rv:${version}) Gecko/20100101 Firefox/${version}`;
const isSame = (one: Parameters<typeof deviceKeyOf>[0], other: Parameters<typeof deviceKeyOf>[0]) =>
  deviceKeyOf(one).equals(deviceKeyOf(other));
const at = { userAgent: firefox('148.0'), address: '203.0.113.9' };

test('a device stays the same with the next version of its program, and at another address of its network', () => {
  expect(isSame(at, { userAgent: firefox('149.0.1'), address: '203.0.7.1' })).toBe(true);
  expect(isSame({ address: '2001:db8:1:2::/64' }, { address: '2001:db8:ffff:1::/64' })).toBe(true);
  expect(isSame({}, {})).toBe(true);
});

test.each([
  ['another program', { ...at, userAgent: 'curl/8.5.0' }],
  ['another system', { ...at, userAgent: at.userAgent.replace('X11; Linux x86_64', 'Windows NT 10.0') }],
  ['another network', { ...at, address: '198.51.100.1' }],
  ['no name', { address: at.address }],
])('%s is another device', (_what, other) => {
  expect(isSame(at, other)).toBe(false);
});
