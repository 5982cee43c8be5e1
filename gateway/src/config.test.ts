import { expect, test } from '@jest/globals';
import { ConfigError } from '@tessera/service/config';
import { loadGatewayConfig } from './config.js';

test('nothing has to be set', () => {
  expect(loadGatewayConfig({})).toMatchObject({ PORT: 4000, INTROSPECTION: 'everybody', SUBGRAPH_URLS: new Map() });
});

test('limits are those of production where callers are authenticated, and set ones hold', () => {
  const production = loadGatewayConfig({ JWKS_URL: 'http://auth/jwks.json', MAX_DEPTH: '7' });

  expect(production).toMatchObject({ INTROSPECTION: 'authenticated', MAX_COST: 10_000, MAX_DEPTH: 7 });
  expect(loadGatewayConfig({ INTROSPECTION: 'false' })).toMatchObject({ INTROSPECTION: 'nobody', MAX_COST: 0 });
});

test('subgraphs may have several URLs, and URLs may have an equals sign', () => {
  const { SUBGRAPH_URLS: urls } = loadGatewayConfig({
    SUBGRAPH_URLS: 'auth=http://a:1/graphql, tenant=http://b:1/graphql?x=1|http://c:1/graphql',
  });

  expect([...urls]).toEqual([
    ['auth', ['http://a:1/graphql']],
    ['tenant', ['http://b:1/graphql?x=1', 'http://c:1/graphql']],
  ]);
});

test('all faults are told at once', () => {
  const load = () => loadGatewayConfig({ PORT: 'x', SUBGRAPH_URLS: 'auth=nowhere', PRINCIPAL_SECRET: 'short' });

  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/PORT[^]*SUBGRAPH_URLS|SUBGRAPH_URLS[^]*PORT/);
  expect(load).toThrow(/PRINCIPAL_SECRET/);
});

test('what is asked for by signed requests needs a secret to sign them by', () => {
  const urls = { API_KEYS_URL: 'http://auth', ENDED_SESSIONS_URL: 'http://auth/ended-sessions' };

  expect(() => loadGatewayConfig(urls)).toThrow(
    /API_KEYS_URL: needs PRINCIPAL_SECRET[^]*ENDED_SESSIONS_URL: needs PRINCIPAL_SECRET/,
  );
  expect(loadGatewayConfig({ ...urls, PRINCIPAL_SECRET: 'x'.repeat(32) })).toMatchObject(urls);
});

test('a gateway that knows its callers may stand before subgraphs that know nothing of signatures', () => {
  const config = loadGatewayConfig({ JWKS_URL: 'http://auth/jwks.json' });

  expect(config.PRINCIPAL_SECRET).toBeUndefined();
});
