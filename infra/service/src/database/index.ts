export { assertConfinedRole } from './assert-confined-role.js';
export { assertMigrated, type AssertMigratedOptions } from './assert-migrated.js';
export { assertReachable, unusableDatabase } from './assert-reachable.js';
export { openDatabase, type DatabaseOptions, type DatabaseSchema, type EntityManager } from './database.js';
export { isId, newId } from './id.js';
export { migrateDatabase, type MigrateOptions } from './migrate.js';
export {
  encodeCursor,
  findPage,
  maxPageSize,
  parsePageArguments,
  type DatabaseReader,
  type Page,
  type PageArguments,
} from './page.js';
export {
  databaseNames,
  provisionDatabase,
  serviceUrl,
  withClient,
  withDatabase,
  type DatabaseNames,
} from './provision.js';
export { observePool } from './observe-pool.js';
export { registerDatabaseChecks } from './register-checks.js';
export { ReadReplicas, type ReadReplicasOptions, type StaleReadOutcome } from './read-replicas.js';
export { noteWrite, pruneRecentWrites, readReplayGoal, recentWritesSql, type ReplayGoal } from './recent-writes.js';
export { openSessionReader, runSessionSql } from './session-reader.js';
export type { SessionSettings } from './preliminary.js';
export { sqlOf, type RunSql } from './sql.js';
