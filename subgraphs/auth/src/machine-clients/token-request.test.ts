import { describe, expect, test } from '@jest/globals';
import { parseTokenRequest } from './token-request.js';

const grant = 'grant_type=client_credentials';
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('a token request', () => {
  test('names its client in the header, form-encoded', () => {
    expect(parseTokenRequest(grant, basic('an%20id:a%3Asecret+1'))).toEqual({
      clientId: 'an id',
      clientSecret: 'a:secret 1',
    });
  });

  test('names its client in the body, and scopes once each', () => {
    expect(parseTokenRequest(`${grant}&client_id=id&client_secret=s&scope=a++b+a`, undefined)).toEqual({
      clientId: 'id',
      clientSecret: 's',
      scope: ['a', 'b'],
    });
  });

  test.each([
    ['', undefined, 'invalid_request'],
    ['grant_type=password&client_id=a&client_secret=b', undefined, 'unsupported_grant_type'],
    [grant, undefined, 'invalid_client'],
    [`${grant}&client_id=a&client_secret=`, undefined, 'invalid_client'],
    [grant, 'Bearer abc', 'invalid_client'],
    [grant, basic('no colon'), 'invalid_client'],
    [grant, basic(':secret'), 'invalid_client'],
    [`${grant}&client_secret=b`, basic('a:b'), 'invalid_request'],
    [`${grant}&client_id=other`, basic('a:b'), 'invalid_request'],
    [`${grant}&${grant}`, basic('a:b'), 'invalid_request'],
  ])('%j with %j is refused: %s', (body, authorization, code) => {
    expect(() => parseTokenRequest(body, authorization)).toThrow(expect.objectContaining({ code }));
  });
});
