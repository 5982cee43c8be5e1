import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serviceNames, subgraphs } from '@tessera/local/subgraphs';
import {
  databaseNames,
  migrateDatabase,
  provisionDatabase,
  serviceUrl,
  withClient,
  withDatabase,
} from '@tessera/service/database';
import { quietLogger } from '../support/leftovers.js';
import { startPostgresServer, type PostgresServer } from '../support/postgres-server.js';
import { readCatalogue, type Catalogue } from './catalogue.js';
import { inventoryFaults } from './inventory-faults.js';
import { tableOwners } from './table-owners.js';

/** The ORM's own record of what it has applied. */
const migrationTable = 'schema_migration';
let postgres: PostgresServer;

beforeAll(async () => {
  postgres = await startPostgresServer();
}, 60_000);

afterAll(() => postgres.stop());

describe.each(serviceNames)('the database of %s', (name) => {
  let catalogue: Catalogue;

  beforeAll(async () => {
    const { adminUrl } = postgres;
    await provisionDatabase(adminUrl, name, 'service-password');
    await migrateDatabase({ ...subgraphs[name], subgraph: name, adminUrl, logger: quietLogger() });
    const { database, serviceRole } = databaseNames(name);
    catalogue = await readCatalogue(withDatabase(adminUrl, database), serviceRole);
  }, 60_000);

  test('has no table that nobody has decided the owner of', () => {
    const found = catalogue.tables.map((table) => table.name).filter((table) => table !== migrationTable);

    expect(found.sort()).toEqual(Object.keys(tableOwners[name]).sort());
  });

  test('has no table and no column of which its inventory does not say whose it is and what becomes of it', () => {
    const tables = catalogue.tables.filter((table) => table.name !== migrationTable);

    expect(
      inventoryFaults({
        subgraph: name,
        inventory: subgraphs[name].personalData,
        tables,
        owners: tableOwners[name],
      }),
    ).toEqual([]);
  });

  test('takes a row of another tenant, or of any where none is active, into no table', async () => {
    const { tenant: own, other } = { tenant: randomUUID(), other: randomUUID() };
    const keys = Object.entries(tableOwners[name])
      .filter(([, owner]) => owner === 'tenant')
      .map(([table]) => ({ table, key: subgraphs[name].personalData[table]?.tenant?.key ?? 'tenant_id' }));

    const codes = await withClient(serviceUrl(postgres.adminUrl, name, 'service-password'), async (client) => {
      const insert = async (table: string, key: string, settings: Readonly<Record<string, string>>) => {
        await client.query('begin');
        for (const [setting, value] of Object.entries(settings)) {
          await client.query('select set_config($1, $2, true)', [setting, value]);
        }
        // Policies are asked before whether anything is missing from the row.
        const code = await client
          .query(`insert into ${table} (${key}) values ($1)`, [other])
          .then(() => 'taken')
          .catch((error: { readonly code?: string }) => error.code);
        await client.query('rollback');
        return code;
      };
      const found: (readonly [string, unknown, unknown])[] = [];
      for (const { table, key } of keys) {
        found.push([table, await insert(table, key, { 'app.tenant_id': own }), await insert(table, key, {})]);
      }
      return found;
    });

    expect(codes).toEqual(keys.map(({ table }) => [table, '42501', '42501']));
  });

  test('keeps what belongs to a tenant or a person behind forced row-level security, with policies', () => {
    const owned = catalogue.tables.filter(({ name: table }) => !isOfService(table));

    const open = owned.filter(({ name: table, is_secured: isSecured, is_forced: isForced }) => {
      const policies = catalogue.policies.filter((policy) => policy.table === table);
      return !isSecured || !isForced || policies.length === 0;
    });
    expect(open).toEqual([]);
  });

  test('has policies that check what is written as well as what is read, and none that lets everything through', () => {
    const incomplete = catalogue.policies.filter(
      ({ command, has_using: hasUsing, has_check: hasCheck, is_open: isOpen }) =>
        isOpen ||
        (['ALL', 'UPDATE'].includes(command) && !(hasUsing && hasCheck)) ||
        (command === 'INSERT' && !hasCheck) ||
        (['SELECT', 'DELETE'].includes(command) && !hasUsing),
    );

    expect(incomplete).toEqual([]);
  });

  test('is used by a role that owns nothing, is nothing else and can do no more than read and write rows', () => {
    expect(catalogue.role).toEqual({
      is_superuser: false,
      bypasses_row_security: false,
      creates_roles: false,
      creates_databases: false,
      owned_relations: 0,
      granted_roles: 0,
      creates_in_schema: false,
    });
    expect(catalogue.tables.filter(({ excess_rights: excess }) => excess.length > 0)).toEqual([]);
  });

  test('lets its service read what was migrated, and change nothing of it', () => {
    const record = catalogue.tables.find((table) => table.name === migrationTable);

    expect(record).toMatchObject({ is_writable: false });
  });

  test("has no function and no view that acts with its owner's rights, but the one that shortens the audit log", () => {
    const allowed = name === 'auth' ? ['forget_audit_entries'] : [];
    expect([...catalogue.definerFunctions, ...catalogue.ownerViews]).toEqual(allowed);
  });

  function isOfService(table: string): boolean {
    return table === migrationTable || tableOwners[name][table] === 'service';
  }
});
