import { Kind, type ConstDirectiveNode, type ConstValueNode } from 'graphql';
import type { LinkedDirectives } from './linked-directives.js';

/** One condition on who asks. Lists of lists mean: all names of at least one inner list. */
export type Rule =
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'scopes'; readonly anyOf: readonly (readonly string[])[] }
  | { readonly kind: 'policies'; readonly anyOf: readonly (readonly string[])[] }
  /** For an object that may be of several types: what at least one of them asks for. */
  | { readonly kind: 'either'; readonly anyOf: readonly Rules[] };

/** Rules that must all hold, by a text that is equal for equal rules. */
export type Rules = ReadonlyMap<string, Rule>;

/** What is known about a caller when rules are judged. */
export interface Rights {
  readonly isAuthenticated: boolean;
  readonly scopes: ReadonlySet<string>;
  readonly policies: ReadonlySet<string>;
}

/** Everybody may. */
export const noRules: Rules = new Map();

/** Reads the rules that directives on a type or field set. */
export function readRules(directives: readonly ConstDirectiveNode[] | undefined, names: LinkedDirectives): Rules {
  const rules = new Map<string, Rule>();
  const add = (rule: Rule): void => void rules.set(JSON.stringify(rule), rule);
  for (const { name, arguments: given } of directives ?? []) {
    if (names.authenticated.has(name.value)) add({ kind: 'authenticated' });
    else if (names.requiresScopes.has(name.value)) add({ kind: 'scopes', anyOf: namesOf(given?.[0]?.value) });
    else if (names.policy.has(name.value)) add({ kind: 'policies', anyOf: namesOf(given?.[0]?.value) });
  }
  return rules;
}

/** Everything that any of the sources asks for. */
export function joinRules(...sources: readonly Rules[]): Rules {
  const asking = sources.filter(({ size }) => size > 0);
  if (asking.length <= 1) return asking[0] ?? noRules;
  return new Map(asking.flatMap((rules) => [...rules]));
}

/** What at least one of the alternatives asks for; nothing where one of them asks for nothing. */
export function eitherRules(alternatives: readonly Rules[]): Rules {
  const [first, ...others] = alternatives;
  if (first === undefined || alternatives.some(({ size }) => size === 0)) return noRules;
  const different = new Map(alternatives.map((rules) => [[...rules.keys()].sort().join(), rules]));
  if (different.size === 1 || others.length === 0) return first;
  const key = `either ${[...different.keys()].sort().join(' or ')}`;
  return new Map([[key, { kind: 'either', anyOf: [...different.values()] }]]);
}

/** Whether somebody with these rights fulfils all rules. */
export function fulfils(rules: Rules, rights: Rights): boolean {
  for (const rule of rules.values()) if (!holds(rule, rights)) return false;
  return true;
}

function holds(rule: Rule, rights: Rights): boolean {
  switch (rule.kind) {
    case 'authenticated':
      return rights.isAuthenticated;
    case 'scopes':
      return rule.anyOf.some((scopes) => scopes.every((scope) => rights.scopes.has(scope)));
    case 'policies':
      return rule.anyOf.some((policies) => policies.every((policy) => rights.policies.has(policy)));
    case 'either':
      return rule.anyOf.some((rules) => fulfils(rules, rights));
  }
}

/** The policies that rules name, for whoever decides on them. */
export function* policiesOf(rules: Rules): Generator<string> {
  for (const rule of rules.values()) {
    if (rule.kind === 'policies') yield* rule.anyOf.flat();
    else if (rule.kind === 'either') for (const alternative of rule.anyOf) yield* policiesOf(alternative);
  }
}

/**
 * An empty list asks for nothing, as composition has it. What is not a list of lists gives no alternative at all, which
 * nobody fulfils.
 */
function namesOf(value: ConstValueNode | undefined): readonly (readonly string[])[] {
  if (value?.kind !== Kind.LIST) return [];
  if (value.values.length === 0) return [[]];
  return value.values.flatMap((inner) =>
    inner.kind === Kind.LIST ? [inner.values.map((name) => (name.kind === Kind.STRING ? name.value : ''))] : [],
  );
}
