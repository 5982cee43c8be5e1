import { describe, expect, test } from '@jest/globals';
import { databaseUrlField, portField, secretField } from './fields.js';
import { ConfigError, loadConfig } from './load-config.js';
import { z } from 'zod';

const schema = z.object({ PORT: portField.default(4000), SECRET: secretField, NAME: z.string() });

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(schema, environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe('settings from the environment', () => {
  test('that are missing or empty are called required, all of them at once', () => {
    expect(faultsOf({ NAME: '' })).toEqual(['SECRET: required', 'NAME: required']);
  });

  test('that are wrong are named without their value', () => {
    const faults = faultsOf({ SECRET: 'hunter2', NAME: 'x' });

    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^SECRET: must have/);
    expect(faults[0]).not.toContain('hunter2');
  });

  test('are read, with their defaults, and frozen', () => {
    const config = loadConfig(schema, { SECRET: 'a'.repeat(32), NAME: 'x' });

    expect(config).toEqual({ PORT: 4000, SECRET: 'a'.repeat(32), NAME: 'x' });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test.each([
    ['no URL at all', 'tessera', 'must be postgres://'],
    ['of another kind', 'mysql://user:hunter2@host/tessera', 'must be postgres://'],
    ['whose password has a # in it as it is', 'postgres://user:hunter2#@host/tessera', 'must be postgres://'],
    ['without a database', 'postgres://user:hunter2@host', 'names no database'],
  ])('a database URL that is %s is told without its value', (_what, url, fault) => {
    const load = () => loadConfig(z.object({ DATABASE_URL: databaseUrlField }), { DATABASE_URL: url });

    expect(load).toThrow(`DATABASE_URL: ${fault}`);
    expect(load).not.toThrow('hunter2');
  });
});
