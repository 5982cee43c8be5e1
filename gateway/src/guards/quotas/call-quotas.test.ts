import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Principal } from '@tessera/service/identity';
import type { QuotaState } from '@tessera/service/quotas';
import { createCallQuotas } from './call-quotas.js';

const tenantId = randomUUID();
const resetsAt = '2026-12-01T00:00:00.000Z';
const nowMs = Date.parse('2026-11-21T12:00:00Z');
const exhausted: QuotaState = { tenantId, version: 1, used: 12, limit: 10, isExhausted: true, resetsAt };
const open: QuotaState = { ...exhausted, version: 2, limit: 100, isExhausted: false };

const person = (more: Partial<Principal> = {}): Principal => ({
  kind: 'user',
  tenantId,
  roles: [],
  scopes: [],
  ...more,
});
const quotas = (at = nowMs) => createCallQuotas({ freeFields: new Set(['checkout']), now: () => at });
const fields = (...names: string[]) => new Map(names.map((name) => [name, 1]));

describe('a tenant that has used up its calls', () => {
  test('is refused, and told when it has some again', () => {
    const known = quotas();
    known.apply(exhausted);

    expect(() => known.assertLeft(person(), fields('files'))).toThrow(
      expect.objectContaining({
        code: 'QUOTA_EXCEEDED',
        details: { meter: 'API_CALLS', limit: 10, used: 12, resetsAt },
      }),
    );
    expect(() => known.assertLeft(person({ tenantId: randomUUID() }), fields('files'))).not.toThrow();
  });

  test('may get a larger plan, in an operation of its own; who runs the platform may do anything', () => {
    const known = quotas();
    known.apply(exhausted);

    expect(() => known.assertLeft(person(), fields('checkout'))).not.toThrow();
    expect(() => known.assertLeft(person(), fields('checkout', 'files'))).toThrow(/plan/);
    expect(() => known.assertLeft(person({ roles: ['SUPER_ADMIN'] }), fields('files'))).not.toThrow();
  });

  test('has calls again in the next month, whatever was heard', () => {
    const known = quotas(Date.parse(resetsAt));
    known.apply(exhausted);

    expect(() => known.assertLeft(person(), fields('files'))).not.toThrow();
  });
});

describe('what is heard of a tenant', () => {
  const isRefused = (states: readonly QuotaState[]): boolean => {
    const known = quotas();
    for (const state of states) known.apply(state);
    try {
      known.assertLeft(person(), fields('files'));
      return false;
    } catch {
      return true;
    }
  };

  test('may come in any order, and again', () => {
    expect(isRefused([exhausted, open])).toBe(false);
    expect(isRefused([open, exhausted, exhausted])).toBe(false);
    expect(isRefused([exhausted, { ...exhausted, isExhausted: false, used: 9 }])).toBe(true);
    expect(isRefused([exhausted, { ...exhausted, isExhausted: false, resetsAt: '2027-01-01T00:00:00.000Z' }])).toBe(
      false,
    );
  });

  test('is replaced by a list, but for what came while it was asked for', () => {
    const known = quotas();
    known.apply(exhausted);
    known.replace([], known.known());
    expect(() => known.assertLeft(person(), fields('files'))).not.toThrow();

    const before = known.known();
    known.apply(exhausted);
    known.replace([], before);
    expect(() => known.assertLeft(person(), fields('files'))).toThrow(/plan/);
  });
});
