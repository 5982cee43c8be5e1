import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDomainEvent } from '@tessera/service/events';
import { userSubgraph } from '@tessera/user/subgraph';
import { anonymous, aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { eventually } from '../../support/eventually.js';
import { aPerson, signUp } from './people.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(userSubgraph);
}, 60_000);

afterAll(() => harness.stop());

const entitiesQuery = `query ($references: [_Any!]!) {
  _entities(representations: $references) { ... on User { id displayName locale timeZone preferences avatar { id } } }
}`;

const referencesTo = (...ids: string[]) => ({ references: ids.map((id) => ({ __typename: 'User', id })) });

describe('a profile', () => {
  test('begins when its person signs up', async () => {
    const person = await aPerson(harness, { displayName: 'Grace Hopper' });

    const answer = await harness.request(person, entitiesQuery, referencesTo(person.userId));

    expect(answer).toEqual({
      data: {
        _entities: [
          {
            id: person.userId,
            displayName: 'Grace Hopper',
            locale: null,
            timeZone: null,
            preferences: expect.objectContaining({ theme: 'system', app: {} }),
            avatar: null,
          },
        ],
      },
    });
  });

  test('is found although its event arrives while it is asked for', async () => {
    const userId = randomUUID();

    harness.forgetQueries();
    const asked = harness.request(aUser({ userId }), entitiesQuery, referencesTo(userId));
    await eventually(() => harness.queries.some((sql) => sql.includes('user_profile')));
    await signUp(harness, userId, 'Late Arrival');

    const answer = await asked;
    expect(answer.data._entities[0].displayName).toBe('Late Arrival');
  });

  test('stays as it is when the same sign-up is delivered twice', async () => {
    const userId = randomUUID();
    const event = createDomainEvent({
      type: 'user.signedUp',
      payload: { userId, email: 'a@b.c', displayName: 'First' },
    });
    await harness.deliver(event);
    await harness.request(aUser({ userId }), 'mutation { updateProfile(input: { displayName: "Second" }) { id } }');
    await harness.deliver(event);
    await signUp(harness, userId, 'Third');

    const answer = await harness.request(aUser({ userId }), entitiesQuery, referencesTo(userId));

    expect(answer.data._entities[0].displayName).toBe('Second');
  });

  test('changes in the fields that are given, and only in those', async () => {
    const person = await aPerson(harness, { displayName: 'Ada' });
    await harness.request(
      person,
      `mutation { updateProfile(input: { locale: "de-ch", timeZone: "Europe/Zurich" }) { id } }`,
    );

    const answer = await harness.request(
      person,
      'mutation { updateProfile(input: { timeZone: null }) { displayName locale timeZone } }',
    );

    expect(answer.data.updateProfile).toEqual({ displayName: 'Ada', locale: 'de-CH', timeZone: null });
  });

  test('tells others of another language, once a change', async () => {
    const person = await aPerson(harness);
    const told: unknown[] = [];
    const arrived = Promise.withResolvers<void>();
    const consumer = harness.eventBus.subscribe({
      consumer: 'language-test',
      types: ['profile.localeChanged'],
      async handle({ payload }) {
        if (payload['userId'] === person.userId) told.push(payload['locale']);
        if (told.at(-1) === null) arrived.resolve();
      },
    });
    const set = (locale: string | null) =>
      harness.request(person, 'mutation ($locale: String) { updateProfile(input: { locale: $locale }) { id } }', {
        locale,
      });

    await set('zh-CN');
    await set('zh-CN');
    await set(null);

    await arrived.promise;
    await consumer.close();
    expect(told).toEqual(['zh-CN', null]);
  });

  test.each([
    ['an empty name', 'displayName: "  "'],
    ['a name with control characters', 'displayName: "a\\u0000b"'],
    ['a locale that is no language tag', 'locale: "not_a_locale!"'],
    ['a time zone that nobody knows', 'timeZone: "Europe/Atlantis"'],
    ['an offset in place of a time zone', 'timeZone: "+01:00"'],
    ['a file id that is none', 'avatarFileId: "../x"'],
  ])('is not changed by %s', async (_name, field) => {
    const person = await aPerson(harness);

    const answer = await harness.request(person, `mutation { updateProfile(input: { ${field} }) { id } }`);

    expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  test('keeps preferences that are set at the same time', async () => {
    const person = await aPerson(harness);
    const set = (key: string) =>
      harness.request(person, 'mutation ($p: JSON!) { updatePreferences(input: { preferences: $p }) { id } }', {
        p: { app: { [key]: true } },
      });
    await Promise.all(['a', 'b', 'c', 'd'].map(set));

    const answer = await harness.request(
      person,
      'mutation { updatePreferences(input: { preferences: { app: { a: null } } }) { preferences } }',
    );

    expect(answer.data.updatePreferences.preferences.app).toEqual({ b: true, c: true, d: true });
  });

  test('refuses preferences of more than 16 KB', async () => {
    const person = await aPerson(harness);

    const answer = await harness.request(
      person,
      'mutation ($p: JSON!) { updatePreferences(input: { preferences: $p }) { id } }',
      { p: { app: { big: 'x'.repeat(16_384) } } },
    );

    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { maxBytes: 16_384 } });
  });

  test.each([{ color: 'red' }, { theme: 'pink' }, { notifications: { quietHours: { from: '7', to: '8' } } }])(
    'refuses %j as preferences',
    async (p) => {
      const query = 'mutation ($p: JSON!) { updatePreferences(input: { preferences: $p }) { id } }';
      const answer = await harness.request(await aPerson(harness), query, { p });

      expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    },
  );

  test('is loaded with others in one query', async () => {
    const tenantId = randomUUID();
    const people = await Promise.all(Array.from({ length: 5 }, () => aPerson(harness, { tenantId })));
    harness.forgetQueries();

    const answer = await harness.request(
      people[0] ?? anonymous,
      entitiesQuery,
      referencesTo(...people.map(({ userId }) => userId)),
    );

    expect(answer.data._entities).toHaveLength(5);
    expect(harness.queries.filter((sql) => sql.includes('user_profile'))).toHaveLength(1);
  });
});
