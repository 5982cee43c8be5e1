import { describe, expect, test } from '@jest/globals';
import { patchPreferences, readPreferences } from './preferences.js';

describe('preferences', () => {
  test('have defaults for what was not set', () => {
    const preferences = readPreferences({ theme: 'dark' });

    expect(preferences).toMatchObject({ theme: 'dark', timeFormat: 'locale', weekStart: 'locale', app: {} });
    expect(preferences.notifications.quietHours).toBeNull();
    expect(preferences.notifications.kinds.ROLE_CHANGED).toEqual({ inApp: true, mail: false });
    expect(preferences.notifications.kinds.QUOTA_WARNING).toEqual({ inApp: true, mail: true });
  });

  test('keep what a change does not mention, at every level, and lose what it sets to null', () => {
    const stored = { theme: 'dark', app: { size: 2, sound: true }, weekStart: 'monday' };
    const patch = { weekStart: null, app: { sound: null, beta: { on: true } } };

    expect(patchPreferences(stored, patch)).toEqual({ theme: 'dark', app: { size: 2, beta: { on: true } } });
  });

  test('cannot reach the prototype of all objects', () => {
    patchPreferences({}, JSON.parse('{ "app": { "__proto__": { "polluted": true } } }'));

    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['a key that nobody knows', { color: 'red' }, /have no color: .* goes into app/],
    ['a value that is none of a key’s', { theme: 'pink' }, /theme/],
    ['a kind that nobody is told of', { notifications: { kinds: { GOSSIP: { mail: true } } } }, /kinds/],
    ['a channel that there is not', { notifications: { kinds: { ALERT_FIRED: { fax: true } } } }, /ALERT_FIRED/],
    ['a time that is none', { notifications: { quietHours: { from: '25:00', to: '07:00' } } }, /time of day/],
    ['quiet hours without an end', { notifications: { quietHours: { from: '22:00' } } }, /quietHours/],
    ['quiet hours all day', { notifications: { quietHours: { from: '07:00', to: '07:00' } } }, /another time/],
    ['more than 16 KB, in bytes', { app: { text: 'ü'.repeat(8_200) } }, /larger than 16384 bytes/],
    ['too many levels', { app: JSON.parse(`${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`) }, /over 16 levels/],
  ])('refuse %s', (_name, patch, message) => {
    expect(() => patchPreferences({}, patch)).toThrow(message);
  });

  test('that are valid no more are as if they had not been set, and what front ends keep stays', () => {
    expect(readPreferences({ theme: 'pink', app: { size: 2 } })).toMatchObject({ theme: 'system', app: { size: 2 } });
  });
});
