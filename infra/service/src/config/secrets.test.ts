import { describe, expect, test } from '@jest/globals';
import { secretsField } from './fields.js';

const first = 'a'.repeat(32);
const second = 'b'.repeat(32);

const faultOf = (text: string) => secretsField.safeParse(text).error?.issues[0]?.message;

describe('secrets of which one takes the place of another', () => {
  test('are one alone, to the letter, or several parted by commas, the first of which is used', () => {
    expect(secretsField.parse(first)).toEqual([first]);
    expect(secretsField.parse(`${first}\n`)).toEqual([`${first}\n`]);
    expect(secretsField.parse(`${first},${second}`)).toEqual([first, second]);
  });

  test('must all be long enough, so that none is missing either', () => {
    expect(faultOf('short')).toBe('must have at least 32 characters');
    for (const list of [`${first},short`, `short,${first}`, `,${first}`, `${first},`]) {
      expect(faultOf(list)).toBe('must have at least 32 characters, each of them');
    }
  });

  test('must differ, and not by white space alone', () => {
    expect(faultOf(`${first},${second},${first}`)).toBe('must not hold the same secret twice');
    for (const list of [`${first}, ${second}`, `${first} ,${second}`, `${first},${second}\n`]) {
      expect(faultOf(list)).toBe('must not have white space around its secrets');
    }
  });
});
