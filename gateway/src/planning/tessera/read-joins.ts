import { isRolledOut } from '../roll-out.js';
import { Kind, parse, type ConstDirectiveNode, type ConstValueNode, type SelectionNode } from 'graphql';

/** `@join__type`: one subgraph declares the type, under one key or without. */
export interface TypeJoin {
  readonly graph: string;
  readonly key: readonly SelectionNode[] | undefined;
  readonly isResolvable: boolean;
  readonly isInterfaceObject: boolean;
}

/** `@join__field`: what one subgraph has to do with the field; without `graph` none resolves it under this type. */
export interface FieldJoin {
  readonly graph: string | undefined;
  readonly requires: readonly SelectionNode[];
  readonly provides: readonly SelectionNode[];
  /** The field's type there, where it is another than in the supergraph. */
  readonly type: string | undefined;
  /** Declared there for others' sake: external, or overridden by another subgraph. */
  readonly isExternal: boolean;
  readonly contextArguments: readonly ContextJoin[];
}

/** An argument that is not given by clients but taken from a type further up (`@fromContext`). */
export interface ContextJoin {
  readonly context: string;
  readonly name: string;
  readonly type: string;
  readonly selections: readonly SelectionNode[];
}

interface Directed {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

export function readTypeJoins(node: Directed): TypeJoin[] {
  return directivesOf(node, 'join__type').map((given) => ({
    graph: nameOf(given.get('graph')) ?? '',
    key: given.has('key') ? parseFieldSet(textOf(given.get('key'))) : undefined,
    isResolvable: booleanOf(given.get('resolvable')) ?? true,
    isInterfaceObject: booleanOf(given.get('isInterfaceObject')) ?? false,
  }));
}

/** @param roll which progressive overrides are in force; see `Planner.plan` */
export function readFieldJoins(node: Directed, roll: number): FieldJoin[] {
  return directivesOf(node, 'join__field').map((given) => {
    const label = textOf(given.get('overrideLabel'));
    // A progressive `@override` that is not rolled out yet leaves the field with whom it will be taken from.
    const isInForce = label === undefined || isRolledOut(label, roll);
    const isNotYet = !isInForce && given.has('override');
    const isGone = label !== undefined && isInForce && !given.has('override');
    const isOverridden = isGone || (label === undefined && booleanOf(given.get('usedOverridden')) === true);
    return {
      graph: nameOf(given.get('graph')),
      requires: parseFieldSet(textOf(given.get('requires'))),
      provides: parseFieldSet(textOf(given.get('provides'))),
      type: textOf(given.get('type')),
      isExternal: booleanOf(given.get('external')) === true || isOverridden || isNotYet,
      contextArguments: readContextArguments(given.get('contextArguments')),
    };
  });
}

/** The pairs of two arguments of a repeated directive: `@join__implements(graph:, interface:)` and the like. */
export function readPairs(node: Directed, directive: string, name: string): { graph: string; value: string }[] {
  return directivesOf(node, directive).map((given) => ({
    graph: nameOf(given.get('graph')) ?? '',
    value: textOf(given.get(name)) ?? '',
  }));
}

/** The contexts that a type sets. @param directive what `@context` is called here: a `@link` may rename it */
export function readContexts(node: Directed, directive: string): string[] {
  return directivesOf(node, directive).flatMap((given) => textOf(given.get('name')) ?? []);
}

/** Parses the text of a key, of `requires`, `provides` or a context's selection: with or without braces around. */
export function parseFieldSet(text: string | undefined): readonly SelectionNode[] {
  if (text === undefined || text.trim() === '') return [];
  const [definition] = parse(text.trim().startsWith('{') ? text : `{ ${text} }`, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections : [];
}

function readContextArguments(value: ConstValueNode | undefined): ContextJoin[] {
  if (value?.kind !== Kind.LIST) return [];
  return value.values.flatMap((item) => {
    if (item.kind !== Kind.OBJECT) return [];
    const given = new Map(item.fields.map((field) => [field.name.value, textOf(field.value)]));
    const [context, name, type] = [given.get('context'), given.get('name'), given.get('type')];
    if (context === undefined || name === undefined || type === undefined) return [];
    return [{ context, name, type, selections: parseFieldSet(given.get('selection')) }];
  });
}

function directivesOf({ directives = [] }: Directed, name: string): ReadonlyMap<string, ConstValueNode>[] {
  return directives
    .filter((directive) => directive.name.value === name)
    .map((directive) => new Map(directive.arguments?.map((argument) => [argument.name.value, argument.value])));
}

function nameOf(value: ConstValueNode | undefined): string | undefined {
  return value?.kind === Kind.ENUM ? value.value : undefined;
}

function textOf(value: ConstValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING ? value.value : undefined;
}

function booleanOf(value: ConstValueNode | undefined): boolean | undefined {
  return value?.kind === Kind.BOOLEAN ? value.value : undefined;
}
