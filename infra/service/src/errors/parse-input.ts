import type { ZodType } from 'zod';
import type { $ZodIssue } from 'zod/v4/core';
import { AppError } from './app-error.js';

/** What is wrong with one field, for people and for programs, which may have their own words for it. */
export interface FieldFault {
  /** Names and places between dots: `events.1.name`; empty for the whole. */
  readonly field: string;
  readonly reason: string;
  /** `TOO_SMALL`, `TOO_BIG` (numbers, texts and lists alike), `INVALID_TYPE`, `INVALID_FORMAT`, `INVALID_VALUE`, `CUSTOM`, …: zod's, in capitals. */
  readonly rule: string;
  /** What the rule goes by, where it says. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly values?: readonly string[];
}

/**
 * Checks what a caller sent against a schema.
 *
 * @returns the parsed value
 * @throws AppError `BAD_USER_INPUT`, `details.fields` naming every faulty field ({@link FieldFault})
 */
export function parseInput<T>(schema: ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(toFault);
  const summary = fields.map(({ field, reason }) => (field === '' ? reason : `${field}: ${reason}`)).join('; ');
  throw new AppError('BAD_USER_INPUT', `Input is not valid: ${summary}`, { details: { fields } });
}

function toFault(issue: $ZodIssue): FieldFault {
  const { path, message, code } = issue;
  return { field: path.join('.'), reason: message, rule: code.toUpperCase(), ...limitsOf(issue) };
}

function limitsOf(issue: $ZodIssue): Partial<FieldFault> {
  switch (issue.code) {
    case 'too_small':
      return { minimum: Number(issue.minimum) };
    case 'too_big':
      return { maximum: Number(issue.maximum) };
    case 'invalid_format':
      return { format: issue.format };
    case 'invalid_value':
      return { values: issue.values.map(String) };
    default:
      return {};
  }
}
