import { authSubgraph } from '@tessera/auth/subgraph';
import { createInProcessCache } from '@tessera/service/cache';
import { withDatabase } from '@tessera/service/database';
import { createDomainEvent, createInProcessEventBus } from '@tessera/service/events';
import { revocationChannel, revocationSchema, type Principal } from '@tessera/service/identity';
import { createLogger } from '@tessera/service/logging';
import { createSubgraph, type CreatedSubgraph } from '@tessera/service/subgraph';
import type { MemberEventType } from '@tessera/service/tenancy';
import { decodeJwt } from 'jose';
import { startFakeTenantSubgraph, type FakeTenantSubgraph } from './fake-tenant-subgraph.js';
import { runSql } from './postgres-server.js';
import { anonymous, principalSecret, startSubgraphHarness, type SubgraphHarness } from './subgraph-harness.js';

export const keyEncryptionSecret = 'a-secret-that-seals-signing-keys-in-tests';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

/** Someone who has signed up. */
export interface SignedUp {
  readonly userId: string;
  readonly email: string;
  readonly tokens: Tokens;
  /** The person as a gateway would describe them after verifying the access token. */
  readonly principal: Principal;
}

export interface AuthHarness extends SubgraphHarness {
  readonly tenants: FakeTenantSubgraph;
  /** Runs SQL as the database server's superuser. */
  sql(...statements: readonly string[]): Promise<readonly Record<string, unknown>[]>;
  /** Signs up a new person with the password {@link password}. */
  signUp(name: string): Promise<SignedUp>;
  refresh(refreshToken: string): Promise<Tokens>;
  switchTenant(principal: Principal, tenantId: string): Promise<Tokens>;
  /** Delivers news of a membership as the tenant subgraph's relay would. */
  announceMember(
    type: MemberEventType,
    tenantId: string,
    userId: string,
    role: string,
    permissions?: readonly string[],
  ): Promise<void>;
  /** Starts another instance of the subgraph on the same database; answers its URL too. */
  startAnotherInstance(environment?: Record<string, string>): Promise<CreatedSubgraph & { readonly url: string }>;
  /** Collects the sessions announced as ended, and as having other rights now, while work runs. */
  announcedDuring(work: () => Promise<unknown>): Promise<{ readonly ended: string[]; readonly renewed: string[] }>;
}

export const password = 'correct horse battery staple';

const tokenFields = 'accessToken refreshToken expiresIn';

/** The auth subgraph with a fake tenant subgraph beside it. */
export async function startAuthHarness(environment: Record<string, string> = {}): Promise<AuthHarness> {
  const tenants = await startFakeTenantSubgraph();
  const settings = {
    KEY_ENCRYPTION_SECRET: keyEncryptionSecret,
    TENANT_SUBGRAPH_URL: tenants.url,
    MAIL_URL: 'console:',
    PASSWORD_HASH_TARGET_MS: '0',
    // Nobody is sent away because the machine that runs the tests is busy.
    MAX_QUEUE_MS: '20000',
    ...environment,
  };
  const harness = await startSubgraphHarness(authSubgraph, { environment: settings }).catch(async (error: unknown) => {
    await tenants.stop();
    throw error;
  });

  return {
    ...harness,
    tenants,
    sql: (...statements) => runSql(withDatabase(harness.adminUrl, 'tessera_auth'), ...statements),
    async signUp(name) {
      const email = `${name}@example.com`;
      const answer = await harness.request(
        anonymous,
        `mutation ($input: SignUpInput!) { signUp(input: $input) { user { id } tokens { ${tokenFields} } } }`,
        { input: { email, password, displayName: name } },
      );
      const { user, tokens } = answer.data.signUp;
      return { userId: user.id, email, tokens, principal: principalOf(tokens.accessToken) };
    },
    async refresh(refreshToken) {
      const query = `mutation ($token: String!) { refreshTokens(refreshToken: $token) { ${tokenFields} } }`;
      const answer = await harness.request(anonymous, query, { token: refreshToken });
      if (answer.errors?.[0] !== undefined) throw new Error(answer.errors[0].extensions.code);
      return answer.data.refreshTokens;
    },
    async switchTenant(principal, tenantId) {
      const query = `mutation ($id: ID!) { switchTenant(tenantId: $id) { ${tokenFields} } }`;
      const answer = await harness.request(principal, query, { id: tenantId });
      if (answer.errors?.[0] !== undefined) throw new Error(answer.errors[0].extensions.code);
      return answer.data.switchTenant;
    },
    announceMember: (type, tenantId, userId, role, permissions) => {
      const payload = { userId, role, ...(permissions !== undefined && { permissions: [...permissions] }) };
      return harness.deliver(createDomainEvent({ type, tenantId, payload }));
    },
    async startAnotherInstance(more = {}) {
      const created = await createSubgraph(authSubgraph, {
        environment: {
          HOST: '127.0.0.1',
          PORT: '0',
          DATABASE_URL: harness.databaseUrl,
          PRINCIPAL_SECRET: principalSecret,
          LOG_LEVEL: 'silent',
          DRAIN_DELAY_MS: '0',
          ...settings,
          ...more,
        },
        adapters: {
          cache: createInProcessCache(),
          pubSub: harness.pubSub,
          eventBus: createInProcessEventBus({ logger: createLogger({ service: 'test', level: 'silent' }) }),
        },
      });
      try {
        return { ...created, url: `http://127.0.0.1:${await created.start()}` };
      } catch (error) {
        await created.stop();
        throw error;
      }
    },
    async announcedDuring(work) {
      const subscription = harness.pubSub.subscribe(revocationChannel);
      await subscription.ready;
      await work();
      // Messages of one channel keep their order, so whatever came before the mark has arrived when the mark does.
      await harness.pubSub.publish(revocationChannel, 'mark');
      const announced = { ended: [] as string[], renewed: [] as string[] };
      for await (const message of subscription) {
        if (message === 'mark') break;
        const { sessionIds, renewed } = revocationSchema.parse(message);
        announced.ended.push(...sessionIds);
        announced.renewed.push(...renewed.map(({ sessionId }) => sessionId));
      }
      await subscription.close();
      return announced;
    },
    async stop() {
      await harness.stop();
      await tenants.stop();
    },
  };
}

/** Reads an access token as a gateway does, without checking it. */
export function principalOf(accessToken: string): Principal {
  const { sub, sid, tid, roles, scope, act } = decodeJwt<{
    sid: string;
    tid?: string;
    roles: string[];
    scope: string;
    act?: { sub: string };
  }>(accessToken);
  return {
    kind: 'user',
    ...(sub === undefined ? {} : { userId: sub }),
    sessionId: sid,
    ...(act === undefined ? {} : { impersonatorId: act.sub }),
    ...(tid === undefined ? {} : { tenantId: tid }),
    roles,
    scopes: scope === '' ? [] : scope.split(' '),
  };
}
