import type { MikroORM } from '@mikro-orm/postgresql';
import { StartError } from '../errors/index.js';

interface RoleRow {
  readonly role: string;
  readonly is_superuser: boolean;
  readonly bypasses_rls: boolean;
  readonly owns_tables: boolean;
}

const roleSql = `
  select current_user as role, rolsuper as is_superuser, rolbypassrls as bypasses_rls,
         exists (select 1 from pg_class where relowner = pg_roles.oid and relkind in ('r', 'p')) as owns_tables
  from pg_roles where rolname = current_user`;

/**
 * Refuses a database role that row-level security would not bind: a superuser, one with BYPASSRLS, or an owner of tables.
 * A service that runs as such a role would look right in every test and leak in production.
 *
 * @throws StartError naming what is wrong with the role
 */
export async function assertConfinedRole(orm: MikroORM): Promise<void> {
  const [row] = await orm.em.getConnection().execute<RoleRow[]>(roleSql);
  if (row === undefined) throw new Error('The database role cannot be read');
  const faults = [
    ...(row.is_superuser ? ['is a superuser'] : []),
    ...(row.bypasses_rls ? ['bypasses row-level security'] : []),
    ...(row.owns_tables ? ['owns tables'] : []),
  ];
  if (faults.length > 0) {
    throw new StartError(
      `Database role "${row.role}" ${faults.join(' and ')}: run the service as a role that owns nothing`,
    );
  }
}
