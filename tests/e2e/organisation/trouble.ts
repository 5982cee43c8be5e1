import { expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { ask, send } from '../../support/graphql-client.js';
import { openLiveSocket } from '../../support/live-socket.js';
import { signIn, switchTenant } from '../people.js';
import { watchEveryWay } from '../watch-every-way.js';
import type { Organisation } from './organisation.js';

/** How everything ends of who has other rights now. */
const sentAway = { socket: 4403, eventStream: 'UNAUTHENTICATED', multipart: 'UNAUTHENTICATED' };

/** It takes a second at most; this is what a busy machine is given. */
const atOnceMs = 10_000;

const filesQuery = '{ files { totalCount } tenant { name } }';

/** The platform helps, switches services off, and suspends and resumes it; somebody has to go. */
export function defineTrouble(of: () => Organisation): void {
  test('somebody of the platform acts as the founder, seen by the founder, who ends it at once, sockets too', async () => {
    const { origin, founder, tenantId, platformToken, asFounder } = of();
    const reason = 'The founder asked for help';
    const { impersonate } = await ask(origin, {
      query: `mutation ($input: ImpersonateInput!) {
        impersonate(input: $input) { impersonation { sessionId } tokens { accessToken } }
      }`,
      variables: { input: { userId: founder.id, tenantId, reason, minutes: 5 } },
      token: platformToken,
    });
    const { accessToken: token } = impersonate.tokens;
    const asSupport = (query: string) => send(origin, { query, token });
    const socket = await openLiveSocket(origin, token);

    const seen = await asSupport('{ me { displayName } tenant { name } impersonation { reason } }');
    const leaving = await asSupport('mutation { createTenant(input: { name: "X", slug: "x-of-support" }) { id } }');
    const { me } = await ask(origin, {
      query: '{ me { sessions { id impersonation { reason } } } }',
      token: founder.accessToken,
    });
    await asFounder('mutation ($id: ID!) { revokeSession(id: $id) }', { id: impersonate.impersonation.sessionId });

    expect(seen.data).toEqual({
      me: { displayName: 'Fay Founder' },
      tenant: { name: 'Orchard' },
      impersonation: { reason },
    });
    expect(leaving.code).toBe('FORBIDDEN');
    expect(me.sessions).toContainEqual({ id: impersonate.impersonation.sessionId, impersonation: { reason } });
    expect(await socket.closed).toMatchObject({ code: 4401 });
    await eventually(async () => (await asSupport('{ me { id } }')).code === 'UNAUTHENTICATED');
    expect((await asFounder('{ me { id } }')).code).toBeUndefined();
  });

  test('a service is switched off and on again: its fields, and what is open of it', async () => {
    const { asPlatform, origin, founder, asFounder } = of();
    const set = (services: readonly string[]) =>
      asPlatform('mutation ($input: SetEnabledServicesInput!) { setEnabledServices(input: $input) { id } }', {
        services,
      });
    const socket = await openLiveSocket(origin, founder.accessToken);
    const metrics = socket.subscribe('subscription { liveMetrics(intervalMs: 250) { at } }');
    await metrics.first(() => true);

    await set(['user', 'storage']);

    await expect(metrics.first(() => false)).rejects.toMatchObject({
      cause: [{ extensions: { code: 'SERVICE_DISABLED' } }],
    });
    expect(await asFounder('{ alerts { totalCount } }')).toMatchObject({ code: 'SERVICE_DISABLED' });
    expect(await asFounder(filesQuery)).toMatchObject({
      data: { files: { totalCount: 0 }, tenant: { name: 'Orchard' } },
    });

    await set(['user', 'storage', 'analytics']);
    await eventually(async () => (await asFounder('{ alerts { totalCount } }')).code === undefined);
    await socket.close();
  });

  test('it is suspended: nobody is in it any more, however they watch it, nor gets in', async () => {
    const { origin, founder, asPlatform, asFounder, tenantId } = of();
    const endings = await watchEveryWay(origin, founder.accessToken);

    await asPlatform('mutation ($input: SuspendTenantInput!) { suspendTenant(input: $input) { status } }', {
      reason: 'unpaid',
    });
    const suspendedAtMs = performance.now();

    expect(await endings()).toEqual(sentAway);
    await eventually(async () => (await asFounder(filesQuery)).code === 'UNAUTHENTICATED');
    expect(performance.now() - suspendedAtMs).toBeLessThan(atOnceMs);
    const { accessToken } = await signIn(origin, founder);
    const back = await send(origin, {
      query: 'mutation ($id: ID!) { switchTenant(tenantId: $id) { accessToken } }',
      variables: { id: tenantId },
      token: accessToken,
    });
    expect(back.code).toBe('FORBIDDEN');
  });

  test('it is resumed, and has everything that it had', async () => {
    const { asPlatform, origin, enter } = of();
    await asPlatform('mutation ($input: ResumeTenantInput!) { resumeTenant(input: $input) { status } }', {});

    let token = '';
    await eventually(async () => (token = await enter()) !== '');

    const { tenant } = await ask(origin, {
      query: '{ tenant { status plan members { nodes { role user { displayName } } } } }',
      token,
    });
    expect(tenant).toEqual({
      status: 'ACTIVE',
      plan: 'enterprise',
      members: {
        nodes: [
          { role: 'TENANT_ADMIN', user: { displayName: 'Fay Founder' } },
          { role: 'USER', user: { displayName: 'Gus Guest' } },
          { role: 'USER', user: { displayName: 'Wanda Wanderer' } },
          { role: 'USER', user: { displayName: 'Cleo Colleague' } },
        ],
      },
    });
  });

  test('who is removed from it is out at once, however they watch it', async () => {
    const { origin, tenantId, colleague, enter } = of();
    const token = await enter();
    const { accessToken } = await switchTenant(origin, (await signIn(origin, colleague)).accessToken, tenantId);
    const endings = await watchEveryWay(origin, accessToken);

    await ask(origin, {
      query: 'mutation ($id: ID!) { removeMember(userId: $id) }',
      variables: { id: colleague.id },
      token,
    });

    expect(await endings()).toEqual(sentAway);
    expect((await send(origin, { query: filesQuery, token: accessToken })).code).toBe('UNAUTHENTICATED');
  });
}
