import { Client } from 'pg';

/** What PostgreSQL itself says about a database. */
export interface Catalogue {
  readonly tables: readonly TableFacts[];
  readonly policies: readonly PolicyFacts[];
  readonly role: RoleFacts;
  /** Functions of ours that run with their owner's rights. */
  readonly definerFunctions: readonly string[];
  /** Views that show rows with their owner's rights. */
  readonly ownerViews: readonly string[];
}

export interface TableFacts {
  readonly name: string;
  readonly has_tenant: boolean;
  readonly columns: readonly string[];
  /** Tables whose rows take rows of this one with them. */
  readonly goes_with: readonly string[];
  readonly is_secured: boolean;
  readonly is_forced: boolean;
  /** The service's rights that go beyond reading and writing rows. */
  readonly excess_rights: readonly string[];
  readonly is_writable: boolean;
}

export interface PolicyFacts {
  readonly table: string;
  readonly name: string;
  readonly command: string;
  readonly has_using: boolean;
  readonly has_check: boolean;
  readonly roles: readonly string[];
  readonly is_open: boolean;
}

export interface RoleFacts {
  readonly is_superuser: boolean;
  readonly bypasses_row_security: boolean;
  readonly creates_roles: boolean;
  readonly creates_databases: boolean;
  readonly owned_relations: number;
  readonly granted_roles: number;
  readonly creates_in_schema: boolean;
}

const tablesSql = `
  select c.relname as name, c.relrowsecurity as is_secured, c.relforcerowsecurity as is_forced,
         exists (select 1 from pg_attribute where attrelid = c.oid and attname = 'tenant_id') as has_tenant,
         array(select attname::text from pg_attribute
               where attrelid = c.oid and attnum > 0 and not attisdropped order by attnum) as columns,
         array(select confrelid::regclass::text from pg_constraint
               where conrelid = c.oid and contype = 'f' and confdeltype = 'c') as goes_with,
         array(select privilege from unnest(array['TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']) privilege
               where has_table_privilege($1, c.oid, privilege)) as excess_rights,
         has_table_privilege($1, c.oid, 'INSERT, UPDATE, DELETE') as is_writable
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  order by name`;

const policiesSql = `
  select tablename as table, policyname as name, cmd as command, roles::text[] as roles,
         qual is not null as has_using, with_check is not null as has_check,
         coalesce(qual, with_check) = 'true' as is_open
  from pg_policies where schemaname = 'public'`;

const roleSql = `
  select rolsuper as is_superuser, rolbypassrls as bypasses_row_security, rolcreaterole as creates_roles,
         rolcreatedb as creates_databases,
         (select count(*)::int from pg_class where relowner = r.oid) as owned_relations,
         (select count(*)::int from pg_auth_members where member = r.oid) as granted_roles,
         has_schema_privilege(rolname, 'public', 'CREATE') as creates_in_schema
  from pg_roles r where rolname = $1`;

const definerFunctionsSql = `
  select proname as name from pg_proc where prosecdef and pronamespace = 'public'::regnamespace`;

const ownerViewsSql = `
  select relname as name from pg_class
  where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace
    and not coalesce(reloptions, '{}') && array['security_invoker=true', 'security_invoker=on']`;

/**
 * Reads the catalogue of one database.
 *
 * @param url as a role that may see everything
 * @param serviceRole as which the service connects
 */
export async function readCatalogue(url: string, serviceRole: string): Promise<Catalogue> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<TableFacts>(tablesSql, [serviceRole]);
    const { rows: policies } = await client.query<PolicyFacts>(policiesSql);
    const { rows: roles } = await client.query<RoleFacts>(roleSql, [serviceRole]);
    const { rows: functions } = await client.query<{ name: string }>(definerFunctionsSql);
    const { rows: views } = await client.query<{ name: string }>(ownerViewsSql);
    const [role] = roles;
    if (role === undefined) throw new Error(`There is no role ${serviceRole}`);
    const names = (rows: readonly { name: string }[]): string[] => rows.map(({ name }) => name);
    return { tables, policies, role, definerFunctions: names(functions), ownerViews: names(views) };
  } finally {
    await client.end();
  }
}
