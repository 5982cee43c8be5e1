import { expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { openRawSocket, type RawSocket } from '../gateway/support/raw-socket.js';
import { ask, send, type GraphqlFault } from '../support/graphql-client.js';
import { createTenant, signIn, type Person } from './people.js';
import { aProvenPerson, type Surroundings } from './ways-in.js';

/** A platform whose people can be made to have proven themselves long ago. */
export interface SteppingSurroundings extends Surroundings {
  /** Lets 16 minutes pass for all sessions of a person. */
  age(userId: string): Promise<unknown>;
}

const password = 'correct horse battery staple';
const reauthenticate = 'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) }';
const enroll = 'mutation { enrollTotp { secret } }';
const needing = (...needs: readonly string[]) => ({ reason: 'REAUTHENTICATION_REQUIRED', needs });

/** Sends operations over one socket. @returns the first error of an answer, undefined for one without */
async function openSocket(origin: string, token: string) {
  const raw: RawSocket = await openRawSocket(`${origin.replace(/^http/, 'ws')}/graphql`);
  await raw.initialise({ authorization: `Bearer ${token}` });
  let count = 0;
  return {
    async fault(query: string, variables: object = {}): Promise<GraphqlFault | undefined> {
      raw.send({ id: String((count += 1)), type: 'subscribe', payload: { query, variables } });
      const { type, payload } = await raw.next();
      if (type === 'error') return (payload as readonly GraphqlFault[])[0];
      await raw.next();
      return (payload as { readonly errors?: readonly GraphqlFault[] }).errors?.[0];
    },
    close: () => raw.socket.close(),
  };
}

/** What cannot be taken back needs a recent proof: through the gateway, by HTTP and by WebSocket, in every subgraph. */
export function defineStepUp(surroundings: () => SteppingSurroundings): void {
  const faultOf = async (token: string, query: string, variables: object = {}) =>
    (await send(surroundings().origin, { query, variables, token })).errors?.[0];

  test('a session that is old is refused until the password is shown in it, and no other one is the fresher for it', async () => {
    const { origin, age } = surroundings();
    const person = await aProvenPerson(surroundings(), 'Sia Stale');
    const stranger = await aProvenPerson(surroundings(), 'Sol Stranger');
    const other = await signIn(origin, person);
    await Promise.all([age(person.id), age(stranger.id)]);
    const socket = await openSocket(origin, person.accessToken);

    for (const fault of [await faultOf(person.accessToken, enroll), await socket.fault(enroll)]) {
      expect(fault?.extensions).toMatchObject({ code: 'PRECONDITION_FAILED', details: needing('password') });
    }
    const wrong = await socket.fault(reauthenticate, { input: { password: 'a guess' } });
    const right = await socket.fault(reauthenticate, { input: { password } });

    expect(wrong?.extensions.code).toBe('FORBIDDEN');
    expect(right).toBeUndefined();
    expect(await faultOf(person.accessToken, enroll)).toBeUndefined();
    expect(await socket.fault(enroll)).toBeUndefined();
    for (const token of [other.accessToken, stranger.accessToken]) {
      expect((await faultOf(token, enroll))?.extensions.details).toEqual(needing('password'));
    }
    socket.close();
  });

  test('a session that is old is refused by other subgraphs too, until the password is shown', async () => {
    const { origin, age } = surroundings();
    const person = await aProvenPerson(surroundings(), 'Tia Tenant');
    const { accessToken: token } = await createTenant(origin, person, 'Step by Step');
    const change = 'mutation { updateSecurityPolicy(input: { maxSessionMinutes: 600 }) { maxSessionMinutes } }';
    await age(person.id);

    const refused = await faultOf(token, change);
    await ask(origin, { query: reauthenticate, variables: { input: { password } }, token });

    expect(refused?.extensions).toMatchObject({ code: 'PRECONDITION_FAILED', details: needing('password') });
    expect(await faultOf(token, change)).toBeUndefined();
  });

  test('where an app is on its code is needed too, and is good once', async () => {
    const { origin, age } = surroundings();
    const { id, accessToken: token }: Person = await aProvenPerson(surroundings(), 'Uma Two');
    const { secret } = (await ask(origin, { query: enroll, token })).enrollTotp;
    const app = new TOTP({ secret: Secret.fromBase32(secret) });
    const confirm = 'mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { codes } }';
    const shown = app.generate();
    const { codes } = (await ask(origin, { query: confirm, variables: { input: { code: shown } }, token })).confirmTotp;
    await age(id);
    const socket = await openSocket(origin, token);
    const prove = async (code?: string) =>
      (await socket.fault(reauthenticate, { input: { password, code } }))?.extensions;

    const refused = await faultOf(token, 'mutation { disableTotp }');
    const half = await prove();
    const repeated = await prove(shown);
    const still = await socket.fault('mutation { disableTotp }');
    const whole = await prove(codes[0]);

    expect(refused?.extensions.details).toEqual(needing('password', 'code'));
    expect([half?.code, repeated?.code]).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    expect(still?.extensions.details).toEqual(needing('password', 'code'));
    expect(whole).toBeUndefined();
    socket.close();
    expect(await faultOf(token, 'mutation { disableTotp }')).toBeUndefined();
  });
}
