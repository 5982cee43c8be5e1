import { leastStrength } from '@tessera/auth/passwords/hash-strength';
import { startAuthHarness } from '../../support/auth-harness.js';

/**
 * Child process: the auth subgraph with its PostgreSQL. It sends where it answers, the process id of the database and how
 * strongly it hashes, and ends with the channel to its parent. Its argument is how long a hash is to take, in milliseconds.
 */
const [, , PASSWORD_HASH_TARGET_MS = '0'] = process.argv;
// As services are by default; tests wait less for what recurs.
const harness = await startAuthHarness({ PASSWORD_HASH_TARGET_MS, RECURRING_JOB_POLL_SECONDS: '30' });
const [row] = await harness.sql(`select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid`);
const [measured] = await harness.sql('select memory_kib, passes from password_strength');
const strength =
  measured === undefined
    ? leastStrength
    : { memoryKiB: Number(measured['memory_kib']), passes: Number(measured['passes']) };
process.once('disconnect', () => void harness.stop());
process.send?.({ url: harness.url, databasePid: Number(row?.['pid']), strength });
