import { describe, expect, test } from '@jest/globals';
import { oidcProvidersField } from './oidc-providers-field.js';

const provider = {
  id: 'acme',
  name: 'Acme',
  issuer: 'https://id.acme.example',
  clientId: 'tessera',
  redirectUris: ['https://app.example.com/callback'],
};
const read = (...providers: readonly object[]) => oidcProvidersField.safeParse(JSON.stringify(providers));

describe('identity providers in the settings', () => {
  test('need an issuer, a client and where people come back to', () => {
    expect(read(provider).data).toEqual([
      { ...provider, scopes: ['openid', 'email', 'profile'], clientSecret: undefined },
    ]);
    expect(read({ ...provider, redirectUris: [] }).success).toBe(false);
    expect(read({ ...provider, clientId: undefined }).success).toBe(false);
  });

  test.each([
    ['issuer', 'http://id.acme.example', false],
    ['issuer', 'http://localhost:3000', true],
    ['issuer', 'nonsense', false],
  ])('%s %s is taken: %j', (field, value, isTaken) => {
    expect(read({ ...provider, [field]: value }).success).toBe(isTaken);
  });

  test.each(['https://a.example/x?y=1', 'https://a.example/#x', 'http://a.example/x', 'javascript:alert(1)'])(
    'nobody is sent back to %s',
    (uri) => {
      expect(read({ ...provider, redirectUris: [uri] }).success).toBe(false);
    },
  );

  test('say what is wrong with them', () => {
    expect(oidcProvidersField.safeParse('nonsense').error?.message).toContain('must be a JSON list');
    expect(read(provider, provider).error?.message).toContain('has one id twice');
    expect(read(provider, { ...provider, id: 'evil' }).error?.message).toContain('redirectUris of its own');
    expect(
      read(provider, { ...provider, id: 'other', redirectUris: ['https://app.example.com/from-other'] }).success,
    ).toBe(true);
    expect(read({ ...provider, clientSecretFile: '/nowhere' }).error?.message).toContain('cannot be read');
    expect(read({ ...provider, cleintSecret: 'x' }).success).toBe(false);
  });
});
