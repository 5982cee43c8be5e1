import { describe, expect, test } from '@jest/globals';
import { parseRedisUrl } from './redis-url.js';

describe('parseRedisUrl', () => {
  test('reads a single server with credentials, port and database', () => {
    const target = parseRedisUrl('rediss://tessera:p%40ss@redis.internal:6380/2');

    expect(target).toEqual({
      kind: 'single',
      tls: true,
      username: 'tessera',
      password: 'p@ss',
      node: { host: 'redis.internal', port: 6380 },
      database: 2,
    });
  });

  test('takes the usual port and database 0 when the URL is silent', () => {
    expect(parseRedisUrl('redis://localhost')).toMatchObject({
      node: { host: 'localhost', port: 6379 },
      database: 0,
      tls: false,
    });
  });

  test('reads several sentinels and the name of their master', () => {
    const target = parseRedisUrl('redis+sentinel://:secret@one:26379,two:26380/main');

    expect(target).toMatchObject({
      kind: 'sentinel',
      password: 'secret',
      masterName: 'main',
      nodes: [
        { host: 'one', port: 26379 },
        { host: 'two', port: 26380 },
      ],
    });
  });

  test('reads the nodes of a cluster, IPv6 among them', () => {
    const target = parseRedisUrl('redis+cluster://[::1]:7000,two');

    expect(target).toMatchObject({
      kind: 'cluster',
      nodes: [
        { host: '::1', port: 7000 },
        { host: 'two', port: 6379 },
      ],
    });
  });

  test.each([
    'http://localhost',
    'redis://',
    'redis://one:1,two:2',
    'redis+sentinel://one:26379',
    'redis+cluster://one:6379/3',
    'redis://localhost/first',
  ])('refuses %s as a configuration fault', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(/REDIS_URL/);
  });

  test('never echoes the password of a URL that it refuses', () => {
    expect(() => parseRedisUrl('redis+sentinel://user:hunter2@one:26379')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') as unknown }),
    );
  });
});
