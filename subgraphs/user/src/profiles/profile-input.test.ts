import { describe, expect, test } from '@jest/globals';
import { mergePreferences, updateProfileSchema } from './profile-input.js';

describe('preferences', () => {
  test('keep what is not mentioned and lose what is set to null', () => {
    expect(mergePreferences({ theme: 'dark', sound: true }, { sound: null, size: 2 })).toEqual({
      theme: 'dark',
      size: 2,
    });
  });

  test('cannot reach the prototype of all objects', () => {
    mergePreferences({}, JSON.parse('{ "__proto__": { "polluted": true } }'));

    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('are measured in bytes, not in characters', () => {
    expect(() => mergePreferences({}, { text: 'ü'.repeat(8_200) })).toThrow(/larger than 16384 bytes/);
  });
});

describe('a change of a profile', () => {
  test('writes language tags in their canonical form', () => {
    expect(updateProfileSchema.parse({ locale: 'ZH-hans-cn' }).locale).toBe('zh-Hans-CN');
  });

  test('tells what is cleared from what is left alone', () => {
    expect(updateProfileSchema.parse({ timeZone: null })).toEqual({ timeZone: null, displayName: undefined });
  });
});
