import { AppError } from '@tessera/service/errors';
import type { Principal } from '@tessera/service/identity';

/** The name of a channel, in which some parts are each subscriber's own. */
export interface ChannelTemplate {
  /**
   * Fills it in.
   *
   * @param values the field's arguments
   * @throws AppError `UNAUTHENTICATED` or `FORBIDDEN` for who has no such part; `BAD_USER_INPUT` for an argument that would lead
   *   elsewhere
   */
  fill(principal: Principal, values: Readonly<Record<string, unknown>>): string;
}

type Part = (principal: Principal, values: Readonly<Record<string, unknown>>) => string;

const maxPartLength = 128;
const literal = /^[A-Za-z0-9_.:-]*$/;
/** No separators and no wildcards: what is filled in stays one part of the name. */
const partOfName = /^[A-Za-z0-9_-]+$/;

/**
 * Reads a template: `orders.{tenantId}.{args.id}`. Tenant and user are always the principal's.
 *
 * @param argumentNames arguments that the field has
 * @throws Error that says what is wrong with it
 */
export function parseChannelTemplate(text: string, argumentNames: ReadonlySet<string>): ChannelTemplate {
  const parts = text.split(/(\{[^{}]*\})/).map((part) => readPart(part, argumentNames));
  if (text === '') throw new Error('it is empty');
  return { fill: (principal, values) => parts.map((part) => part(principal, values)).join('') };
}

function readPart(text: string, argumentNames: ReadonlySet<string>): Part {
  const name = text.startsWith('{') ? text.slice(1, -1) : undefined;
  if (name === undefined) {
    if (!literal.test(text)) throw new Error(`"${text}" may have letters, digits and _ . : - alone`);
    return () => text;
  }
  if (name === 'tenantId') {
    return ({ tenantId }) =>
      own(tenantId, new AppError('FORBIDDEN', 'A tenant has to be active for this subscription'));
  }
  if (name === 'userId') {
    // What is a person's own is not their keys'.
    return ({ kind, userId }) =>
      own(kind === 'user' ? userId : undefined, new AppError('UNAUTHENTICATED', 'Sign in for this subscription'));
  }
  const argument = name.startsWith('args.') ? name.slice('args.'.length) : undefined;
  if (argument === undefined || !argumentNames.has(argument)) {
    throw new Error(`{${name}} is none of {tenantId}, {userId} and {args.…} of the field's arguments`);
  }
  return (_principal, values) => partFrom(argument, values[argument]);
}

function own(value: string | undefined, otherwise: AppError): string {
  if (value === undefined || !partOfName.test(value)) throw otherwise;
  return value;
}

function partFrom(argument: string, value: unknown): string {
  const text = typeof value === 'string' || Number.isSafeInteger(value) ? String(value) : '';
  if (text.length <= maxPartLength && partOfName.test(text)) return text;
  throw new AppError('BAD_USER_INPUT', `Argument ${argument} may have letters, digits, _ and - alone here`, {
    details: { argument },
  });
}
