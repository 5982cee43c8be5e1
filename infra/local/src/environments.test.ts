import { expect, test } from '@jest/globals';
import { gatewayEnvironment, subgraphEnvironment } from './environments.js';

const secrets = { database: 'd', principal: 'p', invitation: 'i', keyEncryption: 'k', objectUrl: 'o' };
const settings = {
  ports: { gateway: 4000, auth: 4001, tenant: 4002, user: 4003, storage: 4004, analytics: 4005 },
  data: { database: '/data/db', objects: '/data/objects', mail: '/data/mail', secrets, release: async () => undefined },
  adminUrl: 'postgres://postgres@127.0.0.1/postgres',
};

test.each([
  ['on loopback alone', 'localhost', {}, '127.0.0.1', '127.0.0.1'],
  ['on all addresses where the machine is called by a name', '192.168.1.20', {}, '0.0.0.0', '0.0.0.0'],
  ['where HOST says, the gateway', 'localhost', { HOST: '::' }, '::', '127.0.0.1'],
])('clients are listened to %s', (_where, host, environment, ofGateway, ofStorage) => {
  expect(gatewayEnvironment({ ...settings, host, environment })['HOST']).toBe(ofGateway);
  expect(subgraphEnvironment('storage', { ...settings, host, environment })['HOST']).toBe(ofStorage);
  expect(subgraphEnvironment('auth', { ...settings, host, environment })['HOST']).toBe('127.0.0.1');
});
