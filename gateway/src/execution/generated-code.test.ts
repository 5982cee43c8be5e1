import { expect, test } from '@jest/globals';
import { GeneratedCode } from './generated-code.js';

const translateSum = (generated: GeneratedCode, operation: string) =>
  generated.of(operation).translate(['c0'], 'value', 'return c0 + value;');

test('code is a function that knows the values it uses', () => {
  const add = translateSum(new GeneratedCode(), '{ a }')(40) as (value: number) => number;

  expect(add(2)).toBe(42);
});

test('an operation that is prepared again has what was translated for it before', () => {
  const generated = new GeneratedCode();

  expect(translateSum(generated, '{ a }')).toBe(translateSum(generated, '{ a }'));
});

test('operations share no code, and neither do two places of one', () => {
  const generated = new GeneratedCode();
  const code = generated.of('{ a }');
  const translate = () => code.translate(['c0'], 'value', 'return c0 + value;');

  const made = new Set([translate(), translate(), translateSum(generated, '{ b }')]);

  expect(made.size).toBe(3);
});

test('an operation proves busy once: prepared again it need not wait for its code', () => {
  const generated = new GeneratedCode(20);
  const before = generated.of('{ a }').usesBeforeCode;
  translateSum(generated, '{ a }');

  expect([before, generated.of('{ a }').usesBeforeCode, generated.of('{ b }').usesBeforeCode]).toEqual([20, 0, 20]);
});
