import { describe, expect, test } from '@jest/globals';
import { maskFault, showFault } from './error-masking.js';

const mask = (extensions?: Record<string, unknown>) => maskFault({ message: 'from below', extensions }, ['a', 0], 'id');
const masked = {
  message: 'An unexpected error happened',
  path: ['a', 0],
  extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'id' },
};

describe('masking', () => {
  test('keeps message, code, details and retry time of a code of the table', () => {
    expect(mask({ code: 'RATE_LIMITED', details: { limit: 1 }, retryAfterSeconds: 2, stacktrace: ['x'] })).toEqual({
      message: 'from below',
      path: ['a', 0],
      extensions: { code: 'RATE_LIMITED', requestId: 'id', details: { limit: 1 }, retryAfterSeconds: 2 },
    });
  });

  test.each([
    ['no extensions', undefined],
    ['an unknown code', { code: 'SOMETHING_ELSE', details: { secret: 1 } }],
    ['a code that is an object’s own method', { code: 'toString' }],
    ['an internal error', { code: 'INTERNAL_SERVER_ERROR' }],
    ['a complaint about the text that the gateway wrote', { code: 'GRAPHQL_VALIDATION_FAILED' }],
  ])('hides the text of an error with %s', (_name, extensions) => {
    expect(mask(extensions)).toEqual(masked);
  });
});

describe('showing', () => {
  const show = (extensions?: Record<string, unknown>) =>
    showFault({ message: 'from below', extensions }, undefined, 'id');

  test('keeps the words of the subgraph and all of its extensions, but stacks', () => {
    expect(show({ code: 'OUT_OF_STOCK', sku: 2, stacktrace: ['x'], exception: {}, requestId: 'theirs' })).toEqual({
      message: 'from below',
      extensions: { code: 'OUT_OF_STOCK', sku: 2, requestId: 'id' },
    });
    expect(show()).toEqual({ message: 'from below', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'id' } });
  });

  test('hides complaints about the text that the gateway wrote', () => {
    expect(show({ code: 'GRAPHQL_VALIDATION_FAILED' }).message).toBe('An unexpected error happened');
  });
});
