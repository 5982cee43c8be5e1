import { describe, expect, test } from '@jest/globals';
import { HttpFault } from './http-fault.js';
import { negotiate, prefersHtml } from './negotiate.js';

describe('negotiate', () => {
  test.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['APPLICATION/JSON', 'application/json'],
    ['application/graphql-response+json; charset=utf-8, application/json; q=0.9', 'application/graphql-response+json'],
    ['application/json; q=0.9, application/graphql-response+json; q=0.1', 'application/json'],
    ['text/html, application/json', 'application/json'],
  ])('%s is answered with %s', (accept, mediaType) => {
    expect(negotiate(accept).single).toBe(mediaType);
  });

  test.each(['text/html', 'application/json; q=0', 'application/json; charset=utf-16', 'constructor'])(
    '%s cannot be satisfied',
    (accept) => {
      expect(() => negotiate(accept)).toThrow(HttpFault);
    },
  );
});

test('a browser that opens a page is told from a client that asks', () => {
  expect(prefersHtml('text/html,application/xhtml+xml,*/*;q=0.8')).toBe(true);
  expect(prefersHtml('application/json, text/plain, */*')).toBe(false);
  expect(prefersHtml(undefined)).toBe(false);
});
