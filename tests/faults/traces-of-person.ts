import { subgraphs } from '@tessera/local/subgraphs';
import { runSql } from '../support/postgres-server.js';

export const subgraphNames = ['auth', 'tenant', 'user', 'storage', 'analytics'] as const;

/** What a person is known by. */
export interface Marks {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

/** `subgraph.table` -> by which marks its rows name a person, and a row that does. */
export interface Traces {
  readonly byTable: Readonly<Record<string, readonly (keyof Marks)[]>>;
  readonly samples: Readonly<Record<string, string>>;
}

const tablesSql = `
  select schemaname as schema, tablename as name from pg_tables
  where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2`;

/** Looks for a person in every column of every table of every subgraph, those of the job queue included, whatever type it has. */
export async function findTraces(databaseOf: (subgraph: string) => string, marks: Marks): Promise<Traces> {
  const byTable: Record<string, (keyof Marks)[]> = {};
  const samples: Record<string, string> = {};
  for (const subgraph of subgraphNames) {
    const tables = await runSql(databaseOf(subgraph), tablesSql);
    for (const { schema, name } of tables) {
      // The jobs that erase name whom they erase, for a week; they are how it is done.
      const others = schema === 'jobs' ? `and position(',erase-subject,' in whole) = 0` : '';
      const place = `${subgraph}.${schema === 'public' ? '' : `${String(schema)}.`}${String(name)}`;
      for (const mark of Object.keys(marks) as (keyof Marks)[]) {
        const found = await runSql(
          databaseOf(subgraph),
          `select whole from (select t::text as whole from "${String(schema)}"."${String(name)}" as t) as rows
           where position(lower('${marks[mark]}') in lower(whole)) > 0 ${others} limit 1`,
        );
        if (found.length === 0) continue;
        (byTable[place] ??= []).push(mark);
        samples[place] = String(found[0]?.['whole']);
      }
    }
  }
  return { byTable, samples };
}

/** Those traces of an erased person that no inventory gives a reason for, each with a row. */
export function unexplained({ byTable, samples }: Traces): readonly string[] {
  return Object.entries(byTable).flatMap(([place, marks]) => {
    const [subgraph = '', table = ''] = place.split('.');
    const inventory = subgraphs[subgraph as keyof typeof subgraphs].personalData[table];
    const rows = inventory?.person;
    const isKept =
      inventory?.unreachable !== undefined ||
      (rows !== undefined && typeof rows.onErasure === 'object' && 'keep' in rows.onErasure);
    // Of what is kept an id may be left, which leads to nobody; words of the person only in the log, which is evidence.
    const allowed: readonly string[] = isKept ? (place === 'auth.audit_entry' ? ['id', 'email', 'name'] : ['id']) : [];
    const left = marks.filter((mark) => !allowed.includes(mark));
    return left.length === 0 ? [] : [`${place} has ${left.join(', ')}: ${samples[place] ?? ''}`];
  });
}
