import { expect, test } from '@jest/globals';
import { createKeyedHash, deriveHashKey } from '../keys/keyed-hash.js';
import { Decoys } from './decoys.js';

const addresses = Array.from({ length: 2_000 }, (_, index) => `person-${index}@example.com`);
const argon = { memoryKiB: 8_192, passes: 1, bcryptCost: null };
const bcrypt = { memoryKiB: null, passes: null, bcryptCost: 4 };

test('decoys are of the kinds that are stored, in the same shares, and an address keeps its own', async () => {
  const decoys = new Decoys(createKeyedHash(deriveHashKey('a secret that nobody knows')));
  expect(decoys.of('somebody@example.com')).toBeUndefined();
  await decoys.imitate([
    { ...argon, count: 300 },
    { ...bcrypt, count: 100 },
  ]);

  const found = addresses.map((address) => decoys.of(address) ?? '');

  expect(addresses.map((address) => decoys.of(address))).toEqual(found);
  const ofBcrypt = found.filter((hash) => hash.startsWith('$2b$04$')).length;
  const ofArgon = found.filter((hash) => hash.includes('$m=8192,t=1,p=1$')).length;
  expect(ofBcrypt + ofArgon).toBe(addresses.length);
  // Five standard deviations around a quarter: the addresses are the same each time, only the key decides.
  expect(Math.abs(ofBcrypt / addresses.length - 0.25)).toBeLessThan(0.05);
});

test('which decoy an address has cannot be told without the key', async () => {
  const [one, other] = await Promise.all(
    ['one secret of the platform', 'another secret of a platform'].map(async (secret) => {
      const decoys = new Decoys(createKeyedHash(deriveHashKey(secret)));
      await decoys.imitate([
        { ...argon, count: 1 },
        { ...bcrypt, count: 1 },
      ]);
      return addresses.map((address) => decoys.of(address)?.startsWith('$2b$'));
    }),
  );

  const alike = addresses.filter((_, index) => one?.[index] === other?.[index]).length;
  expect(Math.abs(alike / addresses.length - 0.5)).toBeLessThan(0.06);
});
