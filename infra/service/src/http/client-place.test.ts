import type { IncomingMessage } from 'node:http';
import { expect, test } from '@jest/globals';
import { createClientPlaces } from './client-place.js';

type Asked = Pick<IncomingMessage, 'socket' | 'headers'>;

const aRequest = (remoteAddress: string, headers: Record<string, string>): Asked => ({
  socket: { remoteAddress } as IncomingMessage['socket'],
  headers,
});

const placeOf = createClientPlaces({
  trustedProxies: ['10.0.0.0/8'],
  countryHeader: 'cf-ipcountry',
  cityHeader: 'x-geo-city',
});

test.each([
  ['a country and a city', { 'cf-ipcountry': 'ch', 'x-geo-city': 'Bern' }, { country: 'CH', city: 'Bern' }],
  ['UTF-8 on the wire', { 'x-geo-city': Buffer.from('Zürich').toString('latin1') }, { city: 'Zürich' }],
  ['Latin-1 on the wire', { 'x-geo-city': 'Zürich' }, { city: 'Zürich' }],
  ['percent-encoding', { 'x-geo-city': 'S%C3%A3o%20Paulo' }, { city: 'São Paulo' }],
  ['a sign of percent', { 'x-geo-city': '100% Rome' }, { city: '100 Rome' }],
  ['Tor', { 'cf-ipcountry': 'T1' }, { country: 'T1' }],
  ['a country that is not known', { 'cf-ipcountry': 'XX' }, undefined],
  ['what is no country', { 'cf-ipcountry': 'Switzerland' }, undefined],
  ['markup', { 'x-geo-city': '<a href="//x">win</a>\u0000' }, { city: 'a href //x win /a' }],
  ['a novel', { 'x-geo-city': 'x'.repeat(500) }, undefined],
  ['nothing', {}, undefined],
])('%s of a trusted proxy is read as it is meant', (_what, headers, place) => {
  expect(placeOf(aRequest('::ffff:10.1.2.3', headers as Record<string, string>))).toEqual(place);
});

test('what anybody else says is not heard', () => {
  expect(placeOf(aRequest('203.0.113.9', { 'cf-ipcountry': 'CH', 'x-geo-city': 'Bern' }))).toBeUndefined();
});

test('without names of headers there are no places', () => {
  const none = createClientPlaces({ trustedProxies: ['10.0.0.0/8'], countryHeader: undefined, cityHeader: undefined });

  expect(none(aRequest('10.1.2.3', { undefined: 'CH' }))).toBeUndefined();
});
