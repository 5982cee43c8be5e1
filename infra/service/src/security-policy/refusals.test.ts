import { describe, expect, test } from '@jest/globals';
import { isPolicyNetwork } from './networks.js';
import { noSecurityPolicy, type SecurityPolicy } from './policy.js';
import { addressRefusal, sessionRefusal, tokenSecondsWithin, type SessionProof } from './refusals.js';

const nowMs = Date.UTC(2026, 0, 1);
const aPolicy = (rules: Partial<SecurityPolicy>): SecurityPolicy => ({ ...noSecurityPolicy, ...rules });
const aProof = (proof: Partial<SessionProof> = {}): SessionProof => ({
  way: 'password',
  hasMfa: false,
  provenAtMs: nowMs,
  longestGapSeconds: 0,
  ...proof,
});
const reasonOf = (policy: SecurityPolicy, proof: SessionProof) => {
  const refusal = sessionRefusal(policy, proof, nowMs);
  return refusal && [refusal.code, refusal.details?.['reason']];
};

describe('a session and the policy of its tenant', () => {
  test('nothing speaks against it where nothing is asked for', () => {
    expect(reasonOf(noSecurityPolicy, aProof({ way: null, provenAtMs: 0, longestGapSeconds: 1e9 }))).toBeUndefined();
  });

  test.each([
    [['password'], 'password', undefined],
    [['passkey', 'oidc'], 'oidc:acme', undefined],
    [['oidc:acme'], 'oidc:acme', undefined],
    [['oidc:acme'], 'oidc:acme2', 'SIGN_IN_WAY_NOT_ALLOWED'],
    [['oidc'], 'password', 'SIGN_IN_WAY_NOT_ALLOWED'],
    [['password'], null, 'SIGN_IN_WAY_NOT_ALLOWED'],
  ])('of the ways %p it came by %p: %p', (signInWays, way, reason) => {
    expect(sessionRefusal(aPolicy({ signInWays }), aProof({ way }), nowMs)?.details?.['reason']).toBe(reason);
  });

  test('the refusal names the ways that are allowed', () => {
    const refusal = sessionRefusal(aPolicy({ signInWays: ['oidc:acme'] }), aProof(), nowMs);

    expect(refusal).toMatchObject({ code: 'FORBIDDEN', details: { allowed: ['oidc:acme'] } });
  });

  test('a second factor, its age and its longest pause are asked for as the policy says', () => {
    const minutes = (count: number) => nowMs - count * 60_000;

    expect(reasonOf(aPolicy({ isMfaRequired: true }), aProof())).toEqual(['FORBIDDEN', 'MFA_REQUIRED']);
    expect(reasonOf(aPolicy({ isMfaRequired: true }), aProof({ hasMfa: true }))).toBeUndefined();
    const length = aPolicy({ maxSessionMinutes: 60 });
    expect(reasonOf(length, aProof({ provenAtMs: minutes(60) }))).toEqual(['UNAUTHENTICATED', 'SESSION_TOO_OLD']);
    expect(reasonOf(length, aProof({ provenAtMs: minutes(59) }))).toBeUndefined();
    const idle = aPolicy({ maxIdleMinutes: 10 });
    expect(reasonOf(idle, aProof({ longestGapSeconds: 601 }))).toEqual(['UNAUTHENTICATED', 'SESSION_IDLE']);
    expect(reasonOf(idle, aProof({ longestGapSeconds: 600 }))).toBeUndefined();
  });

  test('its tokens end with it, and in half the time that it may be idle', () => {
    const provenAtMs = nowMs - 50 * 60_000;

    expect(tokenSecondsWithin(noSecurityPolicy, aProof(), nowMs)).toBe(Infinity);
    expect(tokenSecondsWithin(aPolicy({ maxSessionMinutes: 60 }), aProof({ provenAtMs }), nowMs)).toBe(600);
    expect(tokenSecondsWithin(aPolicy({ maxIdleMinutes: 10 }), aProof(), nowMs)).toBe(300);
  });
});

describe('an address and the networks of a policy', () => {
  const policy = aPolicy({ networks: ['203.0.113.0/24', '198.51.100.7', '2001:db8:1::/48'] });

  test.each([
    ['203.0.113.9', true],
    ['203.0.114.9', false],
    ['198.51.100.7', true],
    ['198.51.100.8', false],
    ['2001:db8:1:5::/64', true],
    ['2001:db8:2:0::/64', false],
    ['unknown', false],
    [undefined, false],
  ])('%p is let in: %p', (address, isLetIn) => {
    expect(addressRefusal(policy, address)?.details?.['reason']).toBe(isLetIn ? undefined : 'ADDRESS_NOT_ALLOWED');
  });

  test('every address is let in where none is named', () => {
    expect(addressRefusal(noSecurityPolicy, undefined)).toBeUndefined();
  });

  test.each([
    ['10.0.0.1', true],
    ['0.0.0.0/0', true],
    ['10.0.0.0/33', false],
    ['10.0.0.0/8/8', false],
    ['10.0.0.0/', false],
    ['::/0', true],
    ['2001:db8::/64', true],
    ['2001:db8::/65', false],
    ['2001:db8::1', false],
    ['fe80::%eth0/64', false],
    ['office', false],
  ])('%p can be named: %p', (text, canBe) => {
    expect(isPolicyNetwork(text)).toBe(canBe);
  });
});
