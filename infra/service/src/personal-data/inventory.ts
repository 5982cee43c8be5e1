/**
 * What becomes of rows when the one whom they belong to, or name, is erased: they are deleted; columns that name the one are
 * set to null (names parted by spaces); or they stay, for a reason that can be told.
 */
export type ErasureAction = 'delete' | { readonly anonymise: string } | { readonly keep: string };

/** The rows of a table that belong to, or name, one tenant or one person. */
export interface SubjectRows {
  /** The column that holds the subject's id. */
  readonly key: string;
  readonly onErasure: ErasureAction;
  /** Whether the subject takes them out, all columns but secret ones. */
  readonly isExported: boolean;
}

/** What one table holds. Every column has its class: a new column has to be thought about. */
export interface TableInventory {
  readonly columns: {
    /** Names, parted by spaces, of columns that say nothing about a person. */
    readonly plain?: string;
    /** Columns that say something about a person, if only an id, or may do so. */
    readonly personal?: string;
    /** Columns that never leave the database: hashes, keys, tokens. */
    readonly secret?: string;
  };
  readonly tenant?: SubjectRows;
  readonly person?: SubjectRows;
  /** Rows of others that name a person as well, and what becomes of them when that person is erased. */
  readonly mentions?: SubjectRows;
  /** Of a table with personal columns whose rows no subject's id leads to: why that is so, and when they go. */
  readonly unreachable?: string;
}

/**
 * Every table of one subgraph, in the order in which its rows are erased: what refers to another table comes before it.
 * `tests/security/personal-data.test.ts` compares it with the migrated database.
 */
export type DataInventory = Readonly<Record<string, TableInventory>>;

/** Whose data: the key under which {@link TableInventory} lists their rows. */
export type SubjectKind = 'tenant' | 'person';

/** Rows that are deleted with their subject, and that the subject can take out. */
export function ownedBy(key: string): SubjectRows {
  return { key, onErasure: 'delete', isExported: true };
}

/** Rows that are deleted with their subject, and that say nothing to the subject. */
export function deletedWith(key: string): SubjectRows {
  return { key, onErasure: 'delete', isExported: false };
}

/** Rows that stay when their subject is erased. */
export function kept(key: string, keep: string): SubjectRows {
  return { key, onErasure: { keep }, isExported: false };
}

/**
 * Why the id of a person may stay in what is a tenant's: once account and profile are erased, nothing leads from it to
 * anybody.
 */
export const idOfNobody = 'the tenant’s record; the id leads to nobody once account and profile are erased';

/** The names in one class of a table's columns. */
export function columnNames(names: string | undefined): readonly string[] {
  return names === undefined ? [] : names.split(' ');
}

/** The tables that every subgraph has. */
export const eventInventory: DataInventory = {
  outbox: {
    columns: { plain: 'id type created_at attempts next_attempt_at', personal: 'event' },
    unreachable: 'a row goes as soon as its event is published',
  },
  consumed_event: { columns: { plain: 'consumer event_id consumed_at' } },
  recent_write: {
    columns: { plain: 'made_at transaction', personal: 'writer_id' },
    unreachable: 'a row goes within two hours',
  },
};

/** The copy of memberships that subgraphs keep by events. */
export const memberDirectoryInventory: DataInventory = {
  tenant_member: {
    columns: { plain: 'tenant_id role is_active is_deactivated changed_at', personal: 'user_id' },
    tenant: deletedWith('tenant_id'),
    person: deletedWith('user_id'),
  },
};
