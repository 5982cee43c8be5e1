import { describe, expect, test } from '@jest/globals';
import { decide, type RuleObservation } from './decide.js';

const aRule = (overrides: Partial<RuleObservation> = {}): RuleObservation => ({
  ruleId: 'rule',
  tenantId: 'tenant',
  revision: 3,
  operator: 'GREATER_THAN',
  threshold: 10,
  forSeconds: 60,
  value: 11,
  hadValue: false,
  open: undefined,
  ...overrides,
});

const open = (isFiring: boolean, ageSeconds: number) => ({ alertId: 'alert', isFiring, ageSeconds });

describe('decide', () => {
  test('a condition that begins to hold opens an alert', () => {
    expect(decide(aRule())).toEqual({ kind: 'open', ruleId: 'rule', revision: 3, value: 11, fires: false });
  });

  test('a rule without a duration fires the alert that it opens', () => {
    expect(decide(aRule({ forSeconds: 0 }))).toMatchObject({ kind: 'open', fires: true });
  });

  test('a pending alert waits for its duration, then fires', () => {
    expect(decide(aRule({ open: open(false, 59.9) }))).toBeUndefined();
    expect(decide(aRule({ open: open(false, 60) }))).toEqual({ kind: 'fire', alertId: 'alert', value: 11 });
  });

  test('a firing alert goes on while the condition holds', () => {
    expect(decide(aRule({ open: open(true, 600) }))).toBeUndefined();
  });

  test.each([true, false])('an alert whose condition no longer holds is resolved (firing: %s)', (isFiring) => {
    expect(decide(aRule({ value: 10, open: open(isFiring, 5) }))).toEqual({
      kind: 'resolve',
      alertId: 'alert',
      value: 10,
    });
  });

  test('nothing to measure means that the condition does not hold, in either direction', () => {
    expect(decide(aRule({ value: null }))).toBeUndefined();
    expect(decide(aRule({ value: null, operator: 'LESS_THAN', open: open(true, 5) }))).toMatchObject({
      kind: 'resolve',
    });
  });

  test.each([true, false])(
    'an alert stays as it is while its value was there a window ago (firing: %s)',
    (isFiring) => {
      expect(decide(aRule({ value: null, hadValue: true, open: open(isFiring, 600) }))).toBeUndefined();
      expect(decide(aRule({ value: null, hadValue: true }))).toBeUndefined();
    },
  );

  test('the threshold itself is on neither side', () => {
    expect(decide(aRule({ value: 10 }))).toBeUndefined();
    expect(decide(aRule({ value: 10, operator: 'LESS_THAN' }))).toBeUndefined();
    expect(decide(aRule({ value: 9, operator: 'LESS_THAN' }))).toMatchObject({ kind: 'open' });
  });
});
