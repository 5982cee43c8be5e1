import { columnNames, type DataInventory, type SubjectRows, type TableInventory } from '@tessera/service/personal-data';
import type { TableFacts } from './catalogue.js';
import type { RowOwner } from './table-owners.js';

/** Columns that name a person, wherever they stand. */
const namesOfPeople =
  /^(user_id|owner_id|account_id|actor_id|subject_id|impersonator_id|[a-z]+_by|email|ip_address|user_agent)$/;

export interface InventoryCheck {
  readonly subgraph: string;
  readonly inventory: DataInventory;
  /** The tables that there really are. */
  readonly tables: readonly TableFacts[];
  readonly owners: Readonly<Record<string, RowOwner>>;
}

/** What is wrong with a subgraph's inventory of personal data, each with what to do about it. */
export function inventoryFaults(check: InventoryCheck): readonly string[] {
  const { subgraph, inventory, tables } = check;
  const place = `subgraphs/${subgraph}/src/personal-data.ts`;
  const entries = Object.entries(inventory);
  return [
    ...tables.filter(({ name }) => inventory[name] === undefined).map(({ name }) => advise(place, name)),
    ...entries.flatMap(([name, entry]) => columnFaults(place, name, entry, tables)),
    ...tables.flatMap((table) => orderFaults(place, inventory, table)),
    ...tables.filter((table) => isSilent(check, table)).map(({ name }) => `${place}: whose are the rows of ${name}?`),
    ...entries.flatMap(([name, entry]) => personalFaults(place, name, entry)),
  ];
}

function advise(place: string, table: string): string {
  return (
    `${place} does not list ${table}. Add it, with every column as plain, personal (it says something about a person, ` +
    'if only an id) or secret (never exported), and with `tenant` and `person`: by which column their rows are found, ' +
    'whether they are exported, and whether erasure deletes, anonymises or keeps them, and why'
  );
}

function columnFaults(place: string, name: string, entry: TableInventory, tables: readonly TableFacts[]): string[] {
  const found = tables.find((table) => table.name === name);
  if (found === undefined) return [`${place} lists ${name}, and there is no such table`];
  const listed = columnsOf(entry);
  const subjects = [entry.tenant, entry.person, entry.mentions].filter((rows) => rows !== undefined);
  return [
    ...found.columns
      .filter((column) => !listed.includes(column))
      .map((column) => `${place} does not list ${name}.${column}: is it plain, personal or secret?`),
    ...listed
      .filter((column, index) => !found.columns.includes(column) || listed.indexOf(column) !== index)
      .map((column) => `${place} lists ${name}.${column} twice, or there is no such column`),
    ...subjects
      .filter((rows) => !isSound(rows, listed))
      .map(
        ({ key }) =>
          `${place}: ${name} is found by a column that it has, empties its own, and keeps for a reason (${key})`,
      ),
  ];
}

/** What goes with a row that is erased is erased, but counted only where it has gone before. */
function orderFaults(place: string, inventory: DataInventory, { name, goes_with: parents }: TableFacts): string[] {
  const order = Object.keys(inventory);
  const isDeleted = (table: string, subject: 'tenant' | 'person'): boolean =>
    inventory[table]?.[subject]?.onErasure === 'delete';
  return parents
    .filter((parent) => order.indexOf(parent) < order.indexOf(name))
    .filter((parent) =>
      (['tenant', 'person'] as const).some((subject) => isDeleted(parent, subject) && isDeleted(name, subject)),
    )
    .map((parent) => `${place}: ${name} goes with ${parent}; list it before, or a certificate does not count it`);
}

function isSilent({ inventory, owners }: InventoryCheck, table: TableFacts): boolean {
  const entry = inventory[table.name];
  const owner = owners[table.name] ?? 'service';
  if (owner === 'service' || entry === undefined) return false;
  if (owner === 'person') return entry.person === undefined;
  return table.has_tenant ? entry.tenant === undefined : entry.tenant === undefined && entry.person === undefined;
}

function personalFaults(place: string, name: string, entry: TableInventory): string[] {
  const careless = columnNames(entry.columns.plain).filter((column) => namesOfPeople.test(column));
  const isReached = entry.tenant !== undefined || entry.person !== undefined || entry.unreachable !== undefined;
  return [
    ...careless.map((column) => `${place}: ${name}.${column} names a person, so it is personal`),
    ...(entry.columns.personal !== undefined && !isReached
      ? [`${place}: ${name} has personal columns; say by which column its rows are found, or why by none`]
      : []),
  ];
}

function columnsOf({ columns: { plain, personal, secret } }: TableInventory): readonly string[] {
  return [plain, personal, secret].flatMap(columnNames);
}

function isSound({ key, onErasure }: SubjectRows, columns: readonly string[]): boolean {
  if (!columns.includes(key)) return false;
  if (onErasure === 'delete') return true;
  if ('keep' in onErasure) return onErasure.keep.length > 10;
  return columnNames(onErasure.anonymise).every((column) => columns.includes(column));
}
