import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { eventually } from '../support/eventually.js';
import type { LocalMode } from '../support/local-mode.js';
import { readLocalSecrets } from '../support/local-secrets.js';

const lock = 4_711;
const waiting = `select pid from pg_locks where locktype = 'advisory' and objid = ${lock} and not granted`;

/** Stops a service at a moment that a test chooses, so that the process can be killed exactly there. */
export interface HeldChanges {
  /** Resolves when a change of a row waits that fulfils an SQL condition on `new`; it is never made. */
  reached(condition: string, timeoutMs?: number): Promise<void>;
  /** Ends what waits, for the process that asked is dead, and lets everything pass. */
  letGo(): Promise<void>;
}

/** Changes of one table's rows, by a trigger that waits for a lock of the test's own. */
export function holdChanges(local: LocalMode, database: string, table: string): HeldChanges {
  let client: Client | undefined;

  const connect = async (): Promise<Client> => {
    const secrets = await readLocalSecrets(local);
    const port = (await readFile(join(local.dataDirectory, 'postgres/postmaster.pid'), 'utf8')).split('\n')[3];
    const connected = new Client({
      connectionString: `postgres://postgres:${secrets.database}@127.0.0.1:${port}/${database}`,
    });
    await connected.connect();
    return connected;
  };
  return {
    async reached(condition, timeoutMs = 180_000) {
      // Anew each time: PostgreSQL starts anew with the platform.
      const holding = await connect();
      client = holding;
      await holding.query(`select pg_advisory_lock(${lock})`);
      await holding.query(`
        create or replace function hold_change() returns trigger language plpgsql as $$
        begin
          if ${condition} then perform pg_advisory_xact_lock(${lock}); end if;
          return new;
        end $$;
        grant execute on function hold_change() to public;
        create or replace trigger hold_change before insert or update on ${table}
          for each row execute function hold_change()`);
      await eventually(async () => (await holding.query(waiting)).rows.length > 0, timeoutMs);
    },
    async letGo() {
      // What waits holds its table: it ends first.
      await client?.query(`select pg_terminate_backend(pid) from (${waiting}) as waiting`);
      await client?.query('drop function hold_change() cascade');
      await client?.end();
      client = undefined;
    },
  };
}
