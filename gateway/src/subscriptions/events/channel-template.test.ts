import { expect, test } from '@jest/globals';
import { AppError } from '@tessera/service/errors';
import { anonymousPrincipal, type Principal } from '@tessera/service/identity';
import { parseChannelTemplate } from './channel-template.js';

const member: Principal = { kind: 'user', userId: 'u1', tenantId: 't1', roles: ['USER'], scopes: [] };
const names = new Set(['id', 'tenantId']);
const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};

test('tenant and user are the principal’s, whatever arguments are called', () => {
  const template = parseChannelTemplate('a.{tenantId}.{userId}.{args.tenantId}:{args.id}', names);

  expect(template.fill(member, { tenantId: 'other', id: 7 })).toBe('a.t1.u1.other:7');
});

test.each([
  '*',
  'a.b',
  'a:b',
  '?',
  '[a-z]',
  '',
  ' ',
  'a\nb',
  'ü',
  '{tenantId}',
  'x'.repeat(129),
  null,
  undefined,
  {},
  1.5,
])('the argument %j is refused: it would lead elsewhere', (id) => {
  const template = parseChannelTemplate('orders.{tenantId}.{args.id}', names);

  expect(codeOf(() => template.fill(member, { id }))).toBe('BAD_USER_INPUT');
});

test('who has no tenant, and who is nobody, has no part that is theirs', () => {
  expect(codeOf(() => parseChannelTemplate('{tenantId}', names).fill(anonymousPrincipal, {}))).toBe('FORBIDDEN');
  expect(codeOf(() => parseChannelTemplate('{userId}', names).fill(anonymousPrincipal, {}))).toBe('UNAUTHENTICATED');
});

test('a key listens to nothing that is its maker’s own', () => {
  const key: Principal = { ...member, kind: 'key' };

  expect(codeOf(() => parseChannelTemplate('{userId}', names).fill(key, {}))).toBe('UNAUTHENTICATED');
  expect(parseChannelTemplate('{tenantId}', names).fill(key, {})).toBe('t1');
});

test.each(['', 'a*', 'a b', '{role}', '{args.name}', '{args}', '{}', 'a{', 'a}'])(
  'the template %j is refused',
  (text) => {
    expect(() => parseChannelTemplate(text, names)).toThrow();
  },
);
