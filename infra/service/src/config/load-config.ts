import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { type ZodObject, type ZodRawShape } from 'zod';
import { StartError } from '../errors/index.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown once, at start, with every fault of the environment in one message. */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError';
  override readonly exitCode = 78;
  constructor(readonly faults: readonly string[]) {
    super(`Configuration is not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

/**
 * Reads a service's settings from environment variables, validates them as a whole and freezes them.
 *
 * A variable `NAME` may instead come from the file that `NAME_FILE` names (Docker and Kubernetes secrets).
 * An empty string counts as unset. Values are never echoed in a fault, for they may be secrets.
 *
 * @throws ConfigError naming every fault at once
 */
export function loadConfig<Shape extends ZodRawShape>(
  schema: ZodObject<Shape>,
  environment: Environment,
): Readonly<z.infer<ZodObject<Shape>>> {
  const faults: string[] = [];
  const values: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = readVariable(name, environment, faults);
    if (value !== undefined) values[name] = value;
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      // What is wrong with one of a list is a fault of the variable.
      const name = String(issue.path[0] ?? '');
      // Zod would say that it received undefined, which nobody sent.
      const reason = values[name] === undefined ? 'required' : issue.message;
      if (!faults.some((fault) => fault.startsWith(`${name}_FILE`))) faults.push(`${name}: ${reason}`);
    }
  }
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(parsed.data);
}

function readVariable(name: string, environment: Environment, faults: string[]): string | undefined {
  const direct = environment[name];
  const file = environment[`${name}_FILE`];
  if (direct && file) {
    faults.push(`${name}: set either ${name} or ${name}_FILE, not both`);
    return undefined;
  }
  if (!file) return direct === '' ? undefined : direct;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    faults.push(`${name}_FILE: the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`);
    return undefined;
  }
}
