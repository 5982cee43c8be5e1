import { Kind, print, type FieldNode, type ValueNode } from 'graphql';
import type { SupergraphFacts } from './supergraph-facts.js';

/**
 * Under which key each field of an operation stands in the result tree.
 *
 * Mostly the key of the response. Another one is taken where that key could mean two things: an alias that is also a
 * field's name (planners add keys and required fields under their bare names), one alias for different fields or
 * arguments in different places, or a name that every JavaScript object has. So one key means one field with one set of
 * arguments all over the result tree, and equal entities can share their objects.
 */
export interface ResultKeys {
  keyOf(field: FieldNode): string;
  /** The response's key for a key of the result tree. */
  responseKeyOf(resultKey: string): string;
}

/** Starts the assignment for one operation: keys are given in the order in which they are asked for. */
export function createResultKeys(facts: SupergraphFacts): ResultKeys {
  const keys = new Map<string, string>();
  const responseKeys = new Map<string, string>();

  function isFree(key: string): boolean {
    return !responseKeys.has(key) && !(key in Object.prototype);
  }

  function isUnmistakable(field: FieldNode, responseKey: string): boolean {
    const name = field.name.value;
    if (responseKey !== name) return !facts.fieldNames.has(responseKey) && !responseKey.startsWith('_');
    if (!facts.required.has(name)) return true;
    return (field.arguments ?? []).length === 0 && !facts.requiredWithArguments.has(name);
  }

  function choose(field: FieldNode, responseKey: string): string {
    if (isFree(responseKey) && isUnmistakable(field, responseKey)) return responseKey;
    // Planners take names that begin with `_` for their own; what is left of `_0` is no name.
    const stem = responseKey.replace(/^_+/, '').replace(/^(?![A-Za-z])/, 'field');
    for (let suffix = 0; ; suffix += 1) {
      const key = `${stem}_${suffix}`;
      if (isFree(key) && !facts.fieldNames.has(key)) return key;
    }
  }

  return {
    keyOf(field) {
      if (field.name.value === '__typename') return '__typename';
      const responseKey = field.alias?.value ?? field.name.value;
      const identity = `${responseKey}:${identify(field)}`;
      const known = keys.get(identity);
      if (known !== undefined) return known;
      const key = choose(field, responseKey);
      keys.set(identity, key);
      responseKeys.set(key, responseKey);
      return key;
    },
    responseKeyOf: (resultKey) => responseKeys.get(resultKey) ?? resultKey,
  };
}

/** The field with its arguments; validation takes them for equal in whatever order they are written. */
function identify({ name, arguments: given = [] }: FieldNode): string {
  if (given.length === 0) return name.value;
  return `${name.value}(${given
    .map((argument) => `${argument.name.value}:${canonical(argument.value)}`)
    .sort()
    .join()})`;
}

function canonical(value: ValueNode): string {
  if (value.kind === Kind.LIST) return `[${value.values.map(canonical).join()}]`;
  if (value.kind !== Kind.OBJECT) return print(value);
  return `{${value.fields
    .map((field) => `${field.name.value}:${canonical(field.value)}`)
    .sort()
    .join()}}`;
}
