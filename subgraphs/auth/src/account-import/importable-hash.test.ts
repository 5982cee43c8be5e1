import { expect, test } from '@jest/globals';
import { isImportableHash } from './importable-hash.js';

const argon = (parameters: string): string =>
  `$argon2id$v=19$${parameters}$c29tZXNhbHRzb21lc2FsdA$NWY2YjYxZWE2MGEyZjVlMzA3NGE4ZTRhNjQ4NjE0NDM`;
const bcrypt = (cost: string): string => `$2b$${cost}$abcdefghijklmnopqrstuuC1VdpXzKLuz6yZvSqbgEJhVVyzzzzzz`;

test.each([
  argon('m=19456,t=2,p=1'),
  argon('m=65536,t=3,p=4'),
  bcrypt('04'),
  bcrypt('12'),
  bcrypt('10').replace('2b', '2y'),
])('a hash of another system that can be checked: %s', (hash) => {
  expect(isImportableHash(hash)).toBe(true);
});

test.each([
  argon('m=1048576,t=2,p=1'),
  argon('m=131072,t=2000,p=1'),
  argon('m=19456,t=0,p=1'),
  argon('m=19456,t=2,p=0'),
  argon('m=19456,t=2,p=1').slice(0, 40),
  bcrypt('31'),
  bcrypt('03'),
  `${bcrypt('10')}x`,
  '5f4dcc3b5aa765d61d8327deb882cf99',
  'a password itself',
])('one that nobody can or wants to check: %s', (hash) => {
  expect(isImportableHash(hash)).toBe(false);
});
