import { ConfigError } from '../config/index.js';

/** One server's address. */
export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
}

/** What a Redis URL says: which kind of installation, and how to reach it. */
export type RedisTarget =
  | (Credentials & { readonly kind: 'single'; readonly node: RedisNode; readonly database: number })
  | (Credentials & {
      readonly kind: 'sentinel';
      readonly nodes: readonly RedisNode[];
      readonly masterName: string;
      readonly database: number;
    })
  | (Credentials & { readonly kind: 'cluster'; readonly nodes: readonly RedisNode[] });

const shape =
  /^redis(?<tls>s)?(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<username>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<nodes>[^/?#]+)(?:\/(?<path>[^?#]*))?$/;

const nodeShape = /^(?:\[(?<ipv6>[0-9a-fA-F:]+)\]|(?<host>[^:[\]]+))(?::(?<port>\d{1,5}))?$/;

/**
 * Reads a Redis URL; `rediss` in place of `redis` means TLS:
 * - `redis://user:password@host:6379/0`
 * - `redis+sentinel://user:password@host:26379,host:26379/mastername` (append `/1` for database 1)
 * - `redis+cluster://user:password@host:6379,host:6379`
 *
 * User and password are those of the data servers; Sentinels are asked without.
 *
 * @throws ConfigError without the URL's text, for it may carry a password
 */
export function parseRedisUrl(url: string): RedisTarget {
  const groups = shape.exec(url)?.groups;
  if (groups === undefined) throw invalid('expected redis://, redis+sentinel:// or redis+cluster:// with host:port');
  const { tls, kind, username, password, nodes = '', path = '' } = groups;
  const credentials: Credentials = {
    tls: tls !== undefined,
    username: username ? decodeURIComponent(username) : undefined,
    password: password ? decodeURIComponent(password) : undefined,
  };
  if (kind === 'sentinel') {
    const [masterName = '', database] = path.split('/');
    if (masterName === '') throw invalid('a Sentinel URL names its master: redis+sentinel://host:port/mastername');
    return { ...credentials, kind, nodes: parseNodes(nodes, 26_379), masterName, database: parseDatabase(database) };
  }
  if (kind === 'cluster') {
    if (path !== '') throw invalid('a cluster has no numbered databases');
    return { ...credentials, kind, nodes: parseNodes(nodes, 6_379) };
  }
  const [node, ...others] = parseNodes(nodes, 6_379);
  if (node === undefined || others.length > 0)
    throw invalid('redis:// takes one host; use redis+cluster:// for several');
  return { ...credentials, kind: 'single', node, database: parseDatabase(path) };
}

function parseNodes(text: string, defaultPort: number): readonly RedisNode[] {
  return text.split(',').map((part) => {
    const groups = nodeShape.exec(part)?.groups;
    const host = groups?.['ipv6'] ?? groups?.['host'];
    if (host === undefined) throw invalid('a host is not valid');
    return { host, port: Number(groups?.['port'] ?? defaultPort) };
  });
}

function parseDatabase(text: string | undefined): number {
  const database = Number(text ?? '0');
  if (!Number.isInteger(database) || database < 0) throw invalid('the database is not a number');
  return database;
}

function invalid(reason: string): ConfigError {
  return new ConfigError([`REDIS_URL: ${reason}`]);
}
