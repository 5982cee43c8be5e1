import { expect, test } from '@jest/globals';
import { openRawSocket, type RawSocket } from '../gateway/support/raw-socket.js';
import { ask, send } from '../support/graphql-client.js';
import { foundTeam, invite, signUp, type PlatformUnderTest } from './people.js';

const query = 'subscription { notifications { id kind readAt tenant { name } subject { displayName } } }';

interface StreamEvent {
  readonly data?: { readonly notifications: { readonly subject: { readonly displayName: string } | null } } | null;
  readonly extensions?: { readonly eventId: string };
}

/** People are told what happens, at once and when they come back. */
export function defineNotifications(platform: () => PlatformUnderTest): void {
  async function listen(token: string, lastEventId: string | null): Promise<RawSocket> {
    const socket = await openRawSocket(`${platform().origin.replace('http', 'ws')}/graphql`);
    await socket.initialise({ authorization: `Bearer ${token}` });
    socket.send({ id: '1', type: 'subscribe', payload: { query, extensions: { lastEventId } } });
    return socket;
  }
  const nextEvent = async (socket: RawSocket): Promise<StreamEvent> => (await socket.next()).payload as StreamEvent;
  /** What was told of the others before may come too. */
  const eventAbout = async (socket: RawSocket, displayName: string): Promise<StreamEvent> => {
    for (;;) {
      const event = await nextEvent(socket);
      if (event.data?.notifications.subject?.displayName === displayName) return event;
    }
  };

  test('an administrator is told of who joins, live, and again behind the last event that was seen', async () => {
    const { admin, tenantId, tenantName } = await foundTeam(platform(), 'Notified Ltd');
    const live = await listen(admin.accessToken, null);
    const beginning = (await nextEvent(live)).extensions?.eventId ?? '';

    const joining = await signUp(platform().origin, 'Nora New');
    await invite(platform(), admin, joining, tenantId);
    const told = await eventAbout(live, 'Nora New');
    const resumed = await listen(admin.accessToken, beginning);
    const again = await eventAbout(resumed, 'Nora New');
    const { unreadNotificationCount } = await ask(platform().origin, {
      query: '{ unreadNotificationCount }',
      token: admin.accessToken,
    });

    expect(told.data).toEqual({
      notifications: {
        id: expect.any(String),
        kind: 'MEMBER_JOINED',
        readAt: null,
        tenant: { name: tenantName },
        subject: { displayName: 'Nora New' },
      },
    });
    expect(again).toEqual(told);
    // Of the member who was invited before, and of this one.
    expect(unreadNotificationCount).toBe(2);
    for (const { socket } of [live, resumed]) socket.terminate();
  });

  test('a key does not hear what its maker is told', async () => {
    const { admin } = await foundTeam(platform(), 'Deaf Keys Ltd');
    const create = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { token } }';
    const { createApiKey } = await ask(platform().origin, {
      query: create,
      variables: { input: { name: 'a program', scopes: ['members:read'] } },
      token: admin.accessToken,
    });

    const socket = await listen(createApiKey.token, null);
    const refused = await socket.next();
    const listed = await send(platform().origin, {
      query: '{ notifications { totalCount } }',
      token: createApiKey.token,
    });
    socket.socket.terminate();

    expect(refused).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(listed.code).toBe('UNAUTHENTICATED');
  });
}
