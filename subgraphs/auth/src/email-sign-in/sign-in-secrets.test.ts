import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createKeyedHashes } from '../keys/keyed-hash.js';
import { challengeHashOf, SignInSecrets } from './sign-in-secrets.js';

const former = 'a secret of at least thirty-two characters';
const secrets = new SignInSecrets(createKeyedHashes([former]));
const challenge = randomBytes(32);

describe('codes and links to sign in', () => {
  test('codes are six digits, the same each time, and of one request alone', () => {
    const codes = Array.from({ length: 50 }, () => secrets.codeFor(randomBytes(32)));

    expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
    expect(new Set(codes).size).toBeGreaterThan(40);
    expect(secrets.isCodeFor(challenge, ` ${secrets.codeFor(challenge)} `)).toBe(true);
    expect(secrets.isCodeFor(challenge, '')).toBe(false);
    expect(secrets.isCodeFor(challenge, `${secrets.codeFor(challenge)}0`)).toBe(false);
  });

  test('a link names its request, and is not good once changed', () => {
    const token = secrets.linkTokenFor(challenge);
    const other = secrets.linkTokenFor(randomBytes(32));

    expect(secrets.readLinkToken(token)?.equals(challenge)).toBe(true);
    expect(secrets.readLinkToken(`${other.split('.')[0]}.${token.split('.')[1]}`)).toBeUndefined();
    expect(secrets.readLinkToken('')).toBeUndefined();
    expect(secrets.readLinkToken(`${token}x`)).toBeUndefined();
  });

  test('of either secret are good while one takes the place of the other', () => {
    const next = 'another secret of thirty-two characters';
    const rotating = new SignInSecrets(createKeyedHashes([next, former]));
    const done = new SignInSecrets(createKeyedHashes([next]));

    expect(rotating.isCodeFor(challenge, secrets.codeFor(challenge))).toBe(true);
    expect(rotating.readLinkToken(secrets.linkTokenFor(challenge))?.equals(challenge)).toBe(true);
    expect(done.isCodeFor(challenge, rotating.codeFor(challenge))).toBe(true);
    expect(done.readLinkToken(rotating.linkTokenFor(challenge))?.equals(challenge)).toBe(true);
    expect(done.readLinkToken(secrets.linkTokenFor(challenge))).toBeUndefined();
  });

  test('a request is named by its hash', () => {
    expect(challengeHashOf(challenge.toString('base64url'))).toHaveLength(32);
    expect(challengeHashOf('nonsense')).toBeUndefined();
  });
});
