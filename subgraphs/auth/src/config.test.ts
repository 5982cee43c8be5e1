import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '@tessera/service/config';
import { authConfigSchema } from './config.js';

const environment = {
  DATABASE_URL: 'postgres://localhost/tessera_auth',
  PRINCIPAL_SECRET: 'a secret between gateway and subgraphs',
  KEY_ENCRYPTION_SECRET: 'a secret that seals the signing keys',
  TENANT_SUBGRAPH_URL: 'http://localhost:4002/graphql',
  MAIL_URL: 'console:',
};

describe('settings', () => {
  test('platform administrators are a list of addresses, compared as they are stored', () => {
    const config = loadConfig(authConfigSchema, { ...environment, SUPER_ADMIN_EMAILS: ' Ann@Example.com,bob@x.org,' });

    expect([...config.SUPER_ADMIN_EMAILS]).toEqual(['ann@example.com', 'bob@x.org']);
  });

  test('there are none by default', () => {
    expect(loadConfig(authConfigSchema, environment).SUPER_ADMIN_EMAILS.size).toBe(0);
  });

  test('every fault is named', () => {
    const load = () =>
      loadConfig(authConfigSchema, {
        ...environment,
        KEY_ENCRYPTION_SECRET: 'short',
        TENANT_SUBGRAPH_URL: undefined,
        SUPER_ADMIN_EMAILS: 'nobody',
      });

    expect(load).toThrow(/KEY_ENCRYPTION_SECRET[^]*TENANT_SUBGRAPH_URL[^]*SUPER_ADMIN_EMAILS/);
  });
});
