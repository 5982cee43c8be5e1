import {
  MikroORM,
  type AnyEntity,
  type EntityClass,
  type MigrationObject,
  type Options,
  type SqlEntityManager,
} from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import type { Logger } from '../logging/index.js';
import { freeBrokenConnections } from './free-broken-connections.js';
import { SessionAwareDriver } from './session-aware-driver.js';
import { traceQueries } from './trace-queries.js';

export type EntityManager = SqlEntityManager;

/** What a subgraph stores: its entities, and the migrations that make their tables, in order. */
export interface DatabaseSchema {
  readonly entities: readonly EntityClass<AnyEntity>[];
  readonly migrations: readonly MigrationObject[];
  /** Functions of extensions, by signature, that an index behind row-level security needs to be leakproof. */
  readonly leakproofFunctions?: readonly string[];
}

export interface DatabaseOptions extends DatabaseSchema {
  /** Connection string of the service's own role, which owns nothing. */
  readonly url: string;
  readonly poolMax: number;
  readonly logger: Logger;
  /** How long to wait for a free or new connection before the request fails, in milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** A limit on our side, for a server that stopped answering, in milliseconds. Default 20,000: above its `statement_timeout`. */
  readonly queryTimeoutMs?: number;
  /** Sees every SQL statement; tests count queries with it. */
  readonly onQuery?: ((sql: string) => void) | undefined;
}

/** The ORM's record of what was applied. The service may read it, so that it can wait for a migration, and no more. */
export const migrationTable = 'schema_migration';

/** The settings that running and migrating share. */
export function ormOptions({ entities, migrations, logger }: DatabaseSchema & { readonly logger: Logger }): Options {
  return {
    entities: [...entities],
    // A subgraph may store nothing of its own.
    discovery: { warnWhenNoEntities: false },
    migrations: { migrationsList: [...migrations], snapshot: false, tableName: migrationTable, allOrNothing: false },
    sessionContext: 'transaction',
    forceUtcTimezone: true,
    allowGlobalContext: false,
    logger: (message) => logger.debug(message),
    debug: ['info'],
  };
}

/**
 * Opens a subgraph's database. Connections are made on first use, and again when they are needed: a database that goes down
 * makes requests fail and the service not ready, until it is back.
 */
export function openDatabase(options: DatabaseOptions): MikroORM {
  const { url, poolMax, onQuery, connectTimeoutMs = 5_000, queryTimeoutMs = 20_000 } = options;
  return new MikroORM({
    ...ormOptions(options),
    driver: SessionAwareDriver,
    clientUrl: url,
    // The service's role may make none.
    ensureDatabase: false,
    pool: { min: 0, max: poolMax, idleTimeoutMillis: 30_000 },
    driverOptions: {
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: queryTimeoutMs,
      keepAlive: true,
      onPoolCreated: (pool: Pool) => {
        freeBrokenConnections(pool);
        traceQueries(pool);
      },
    },
    ...(onQuery === undefined
      ? {}
      : {
          onQuery: (sql: string) => {
            onQuery(sql);
            return sql;
          },
        }),
  });
}
