import { ConnectionException, DriverException } from '@mikro-orm/core';
import { describe, expect, test } from '@jest/globals';
import { fromResolverError } from './format-error.js';

const fault = (code: string): Error => Object.assign(new Error('from the database'), { code });

describe('what a resolver threw', () => {
  test.each([
    ['NUL in the text of a statement', '08P01'],
    ['NUL in JSON', '22P05'],
    ['half a character in JSON', '22P02'],
    ['a date out of range', '22008'],
    ['a number out of range', '22003'],
  ])('is the fault of the input for %s', (_what, code) => {
    expect(fromResolverError(fault(code)).code).toBe('BAD_USER_INPUT');
    expect(fromResolverError(Object.assign(new DriverException(fault(code)), { code })).code).toBe('BAD_USER_INPUT');
  });

  test.each([
    ['a statement over its time', fault('57014')],
    ['a lock that did not come', fault('55P03')],
    ['a deadlock', fault('40P01')],
    ['a deadlock, as the ORM tells it', new DriverException(fault('40P01'))],
    ['a transaction that is not serializable', fault('40001')],
    ['a server without free connections', fault('53300')],
    ['a pool without free connections', new Error('timeout exceeded when trying to connect')],
  ])('is an overload for %s, to be tried again', (_what, thrown) => {
    expect(fromResolverError(thrown)).toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: 1, cause: thrown });
  });

  test.each([
    ['a refused connection', fault('ECONNREFUSED')],
    ['a server that shuts down', fault('57P01')],
    ['a broken connection', fault('08006')],
    ['a server that fell silent', new Error('Query read timeout')],
    ['a connection that ended', new Error('Connection terminated unexpectedly')],
    ['what the ORM calls a connection failure', new ConnectionException(new Error('gone'))],
  ])('is an absent database for %s', (_what, thrown) => {
    expect(fromResolverError(thrown).code).toBe('SUBGRAPH_UNAVAILABLE');
  });

  test('is nobody else’s business where nobody expected it', () => {
    expect(fromResolverError(fault('42P01'))).toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
      message: 'An unexpected error happened',
    });
  });
});
