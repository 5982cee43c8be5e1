import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { AppError } from './app-error.js';
import { parseInput } from './parse-input.js';

const schema = z.object({
  name: z.string().min(2).max(5),
  email: z.email(),
  theme: z.enum(['light', 'dark']),
  events: z.array(z.object({ at: z.number() })),
});

function faultsOf(input: unknown): unknown {
  try {
    return parseInput(schema, input);
  } catch (error) {
    return error instanceof AppError ? error.details?.['fields'] : error;
  }
}

test('every field that is wrong is named, with what a program needs to say so in its own words', () => {
  const faults = faultsOf({ name: 'a', email: 'x', theme: 'pink', events: [{ at: 1 }, { at: 'now' }] });

  expect(faults).toEqual([
    { field: 'name', reason: expect.any(String), rule: 'TOO_SMALL', minimum: 2 },
    { field: 'email', reason: expect.any(String), rule: 'INVALID_FORMAT', format: 'email' },
    { field: 'theme', reason: expect.any(String), rule: 'INVALID_VALUE', values: ['light', 'dark'] },
    { field: 'events.1.at', reason: expect.any(String), rule: 'INVALID_TYPE' },
  ]);
});

test('what is wrong with all of an input has no field', () => {
  expect(faultsOf(undefined)).toEqual([{ field: '', reason: expect.any(String), rule: 'INVALID_TYPE' }]);
  expect(faultsOf({ name: 'too long', email: 'a@example.com', theme: 'dark', events: [] })).toEqual([
    { field: 'name', reason: expect.any(String), rule: 'TOO_BIG', maximum: 5 },
  ]);
});
