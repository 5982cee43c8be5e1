import { startAuthHarness } from '../../support/auth-harness.js';

/**
 * Child process: the auth subgraph with its PostgreSQL. It sends where it answers and the process id of the database, and
 * ends with the channel to its parent.
 */
const harness = await startAuthHarness({ SIGN_IN_FREE_FAILURES: '0' });
const [row] = await harness.sql(`select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid`);
process.once('disconnect', () => void harness.stop());
process.send?.({ url: harness.url, databasePid: Number(row?.['pid']) });
