import { expect, test } from '@jest/globals';
import { groupTenants } from './watched-tenants.js';

test('tenants go together up to so many rules, and one that has more is a group by itself', () => {
  const tenants = Object.entries({ a: 2, b: 3, c: 1, d: 9, e: 1, f: 4, g: 1 });
  const groups = groupTenants(
    tenants.map(([tenantId, rules]) => ({ tenantId, rules })),
    5,
  );

  expect(groups).toEqual([['a', 'b'], ['c'], ['d'], ['e', 'f'], ['g']]);
  expect(groupTenants([], 5)).toEqual([]);
});
