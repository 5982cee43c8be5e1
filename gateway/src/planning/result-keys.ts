import { Kind, print, type FieldNode } from 'graphql';
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
    const stem = responseKey.replace(/^_+/, '') || 'field';
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

/** The field with its arguments and directives; those that only choose whether it is there say nothing of its value. */
function identify(field: FieldNode): string {
  const directives = (field.directives ?? []).filter(({ name }) => name.value !== 'skip' && name.value !== 'include');
  if ((field.arguments ?? []).length === 0 && directives.length === 0) return field.name.value;
  return print({ kind: Kind.FIELD, name: field.name, arguments: field.arguments ?? [], directives });
}
