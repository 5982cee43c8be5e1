import { describe, expect, test } from '@jest/globals';
import { entryKey, serviceKey } from './keys.js';

describe('Redis keys', () => {
  test('name service, tenant, thing and id in this order', () => {
    const key = serviceKey('auth', entryKey({ tenantId: 't1', thing: 'session', id: 's1' }));

    expect(key).toBe('tessera:auth:t1:session:s1');
  });

  test('put a dash where there is no tenant', () => {
    expect(entryKey({ thing: 'session', id: 's1' })).toBe('-:session:s1');
  });

  test('of two different names are never the same', () => {
    const one = entryKey({ tenantId: 'a:b', thing: 'c', id: 'd' });
    const other = entryKey({ tenantId: 'a', thing: 'b:c', id: 'd' });

    expect(one).not.toBe(other);
  });
});
