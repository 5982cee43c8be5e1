import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { createGateway } from '@tessera/gateway/gateway';
import { withDatabase } from '@tessera/service/database';
import { permissionsOf } from '@tessera/service/identity';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { Client } from 'pg';
import { deadlocksOf } from '../../support/deadlocks.js';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { principalSecret, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import { anOrganisation, invitationSecret, type Organisation } from './organisation.js';

const leftovers = createLeftovers();
let harness: SubgraphHarness;
let issuer: TokenIssuer;
let url: string;
/** A session of the database's superuser, which holds locks. */
let session: Client;

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: invitationSecret, MAIL_URL: 'console:' },
  });
  leftovers.defer('harness', () => harness.stop());
  issuer = await startTokenIssuer();
  leftovers.defer('issuer', () => issuer.close());
  const gateway = await createGateway({
    config: loadGatewayConfig({
      PORT: '0',
      HOST: '127.0.0.1',
      DRAIN_DELAY_MS: '0',
      RATE_LIMITS: 'none',
      JWKS_URL: issuer.jwksUrl,
      PRINCIPAL_SECRET: principalSecret,
      SUBGRAPH_URLS: `tenant=${harness.url}/graphql`,
    }),
    supergraphSdl: await readFile('schema/supergraph.graphql', 'utf8'),
    logger: quietLogger(),
    adapters: { pubSub: harness.pubSub },
  });
  leftovers.defer('gateway', () => gateway.stop());
  url = `http://127.0.0.1:${gateway.port}/graphql`;
  session = new Client({ connectionString: withDatabase(harness.adminUrl, 'tessera_tenant') });
  await session.connect();
  leftovers.defer('session', () => session.end());
}, 90_000);

afterAll(() => leftovers.close());

const renaming = 'mutation ($name: String!) { renameTenant(input: { name: $name }) { name } }';

async function rename({ admin, tenantId }: Organisation, name: string) {
  const claims = { sub: admin.userId, tid: tenantId, roles: ['TENANT_ADMIN'] as const };
  const token = await issuer.issue({
    ...claims,
    roles: [...claims.roles],
    scope: [...permissionsOf(claims.roles)].join(' '),
  });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: renaming, variables: { name } }),
    signal: AbortSignal.timeout(60_000),
  });
  return (await response.json()) as Awaited<ReturnType<SubgraphHarness['request']>>;
}

const toBeTriedAgain = {
  message: 'Others change the same at this moment: try again',
  path: ['renameTenant'],
  extensions: { code: 'OVERLOADED', retryAfterSeconds: 1, requestId: expect.any(String) },
};

describe('a change that others are in the way of', () => {
  test('is refused with a hint to try again where a lock does not come in time, and done then', async () => {
    const organisation = await anOrganisation(harness);
    await session.query('begin');
    await session.query('select 1 from tenant where id = $1 for update', [organisation.tenantId]);

    const refused = await rename(organisation, 'Locked');
    await session.query('rollback');

    expect(refused).toEqual({ data: null, errors: [toBeTriedAgain] });
    expect(await rename(organisation, 'Unlocked')).toEqual({ data: { renameTenant: { name: 'Unlocked' } } });
  }, 120_000);

  test('is refused so in a deadlock, which the other one survives, and done then', async () => {
    const organisations = [await anOrganisation(harness), await anOrganisation(harness)];
    // A renaming takes a lock of its own, waits for the test, and takes the other's.
    const [gate, one, other] = Array.from({ length: 3 }, () => Math.floor(Math.random() * 1e9));
    await session.query(`
      create function wait_for_others() returns trigger language plpgsql set lock_timeout = '60s' as $$
      declare is_one boolean := new.name like 'One%';
      begin
        perform pg_advisory_xact_lock(case when is_one then ${one} else ${other} end);
        perform pg_advisory_xact_lock_shared(${gate});
        perform pg_advisory_xact_lock(case when is_one then ${other} else ${one} end);
        return new;
      end $$;
      grant execute on function wait_for_others() to public;
      create trigger wait_for_others before update of name on tenant for each row execute function wait_for_others()`);
    await session.query('select pg_advisory_lock($1)', [gate]);

    const renamed = Promise.all(
      organisations.map((organisation, index) => rename(organisation, ['One', 'Other'][index] ?? '')),
    );
    const waiting = `select from pg_locks where locktype = 'advisory' and objid = $1 and not granted`;
    await eventually(async () => (await session.query(waiting, [gate])).rowCount === 2, 60_000);
    await session.query('select pg_advisory_unlock($1)', [gate]);
    const answers = await renamed;

    const refused = answers.findIndex(({ errors }) => errors !== undefined);
    expect(answers[refused]).toEqual({ data: null, errors: [toBeTriedAgain] });
    expect(await deadlocksOf('tenant', harness)).toBe(1);
    expect(answers[1 - refused]).toEqual({ data: { renameTenant: { name: ['One', 'Other'][1 - refused] } } });
    const again = `${['One', 'Other'][refused]} ${randomUUID()}`;
    expect(await rename(organisations[refused] ?? (await anOrganisation(harness)), again)).toEqual({
      data: { renameTenant: { name: again } },
    });
  }, 120_000);
});
