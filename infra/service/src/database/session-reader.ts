import type { MikroORM } from '@mikro-orm/postgresql';
import {
  DefaultQueryExecutor,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type Dialect,
} from 'kysely';
import type { EntityManager } from './database.js';
import { settingsStatement, type Preliminary, type SessionSettings } from './preliminary.js';
import { ReadTimes } from './read-times.js';
import { noteSession } from './session-aware-driver.js';
import { SessionDriver } from './session-driver.js';
import { SessionStatements, type ConnectionSource, type Session } from './session-statements.js';
import { ownPlan, SlowPlans } from './slow-plans.js';
import type { RunSql } from './sql.js';

/** What only reads says so to the database, which refuses what writes. */
const readOnly: SessionSettings = { transaction_read_only: 'on' };

/**
 * An entity manager that only reads, each statement with settings that hold for it alone. It holds no connection between
 * statements, so nobody has to end it. What one request reads at a time is read at the same time, or, where it is quick, in one
 * round trip (`session-statements.ts`).
 *
 * @param settings absent for a role that needs none: then nothing is sent before statements, and nothing but the caller's word says
 * that they only read
 */
export function openSessionReader(orm: MikroORM, settings?: SessionSettings): EntityManager {
  return openSession(orm, {
    source: poolOf(orm),
    preliminaries: settings === undefined ? [] : [settingsStatement({ ...settings, ...readOnly })],
    slowPlans: SlowPlans.of(orm),
    readTimes: ReadTimes.of(orm),
  });
}

/** The same, but it reads from a standby, and each statement only where the precondition holds. */
export function openReplicaReader(
  orm: MikroORM,
  replica: ConnectionSource,
  settings: SessionSettings,
  precondition: Preliminary,
): EntityManager {
  // What is read from standbys is what is heavy: plans matter more than planning.
  const preliminaries = [settingsStatement({ ...settings, ...readOnly, ...ownPlan }), precondition];
  return openSession(orm, { source: replica, preliminaries });
}

/**
 * Runs statements that may write, each a transaction by itself with settings that hold for it alone. No entity manager is made for
 * them: that costs the processor as much as sending one.
 */
export function runSessionSql(orm: MikroORM, settings: SessionSettings): RunSql {
  const preliminaries = [settingsStatement(settings)];
  const statements = new SessionStatements({ source: poolOf(orm), preliminaries, slowPlans: SlowPlans.of(orm) });
  return <Row extends object>(sql: string, parameters: readonly unknown[] = []) => {
    // As `sqlOf` has tests count them.
    orm.config.get('onQuery')?.(sql, [...parameters]);
    return statements.run<Row>(sql, parameters);
  };
}

function poolOf(orm: MikroORM): ConnectionSource {
  return {
    connect: async () => {
      const pool = await orm.em.getConnection().getNativeClient();
      return pool.connect();
    },
  };
}

function openSession(orm: MikroORM, session: Session): EntityManager {
  const entityManager = orm.em.fork();
  const statements = new SessionStatements(session);
  const driver = new SessionDriver(statements);
  const adapter = new PostgresAdapter();
  const compiler = new PostgresQueryCompiler();
  const dialect: Dialect = {
    createDriver: () => driver,
    createAdapter: () => adapter,
    createQueryCompiler: () => compiler,
    createIntrospector: (database) => new PostgresIntrospector(database),
  };
  // Put together here, without what Kysely puts around a driver, every read takes fewer turns of promises.
  const executor = new DefaultQueryExecutor(compiler, adapter, driver);
  const kysely = new Kysely({ config: { dialect }, driver, executor, dialect });
  // To the ORM it is a transaction: everything it asks goes there.
  entityManager.setTransactionContext(kysely);
  noteSession(kysely, statements);
  return entityManager;
}
