import { expect, test } from '@jest/globals';
import { anonymousPrincipal, encodePrincipal } from '@tessera/service/identity';
import type { Caller } from '../context.js';
import { createForwardHeaders } from './forward-headers.js';

const caller: Caller = {
  principal: anonymousPrincipal,
  encodedPrincipal: encodePrincipal(anonymousPrincipal),
  expiresAtMs: undefined,
  forwardedHeaders: { authorization: 'Bearer a' },
};

test('without a list nothing but what the guards hand on is forwarded', () => {
  expect(createForwardHeaders([])(caller, { 'x-region': 'eu' })).toBe(caller);
});

test('only headers of the list are forwarded, and none replaces what the guards hand on', () => {
  const forward = createForwardHeaders(['x-region', 'authorization', 'x-absent']);

  const { forwardedHeaders } = forward(caller, { 'x-region': 'eu', authorization: 'Bearer b', cookie: 'c' });

  expect(forwardedHeaders).toEqual({ 'x-region': 'eu', authorization: 'Bearer a' });
});

test('a value with a line break, or that is no text, is not forwarded', () => {
  const forward = createForwardHeaders(['x-a', 'x-b', 'x-c']);

  const { forwardedHeaders } = forward(caller, { 'x-a': 'a\r\nx-tessera-principal: b', 'x-b': 7, 'x-c': 'a\nb' });

  expect(forwardedHeaders).toEqual({ authorization: 'Bearer a' });
});

test('a header that the client has bound to its connection is not forwarded', () => {
  const forward = createForwardHeaders(['x-region']);

  const { forwardedHeaders } = forward(caller, { connection: 'keep-alive, X-Region', 'x-region': 'eu' });

  expect(forwardedHeaders).toEqual({ authorization: 'Bearer a' });
});
