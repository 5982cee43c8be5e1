import { Kind, parse, print, type ConstDirectiveNode, type FieldDefinitionNode, type SelectionNode } from 'graphql';
import type { DefinitionPlace } from '../parse-supergraph.js';
import { parseFieldSet } from '../tessera/read-joins.js';
import { namedType } from '../tessera/type-text.js';

/** A type as the supergraph's SDL has it, in the parts that plans rest on. */
export interface TypeText {
  /** What stands before its fields: by which keys which subgraph has it, what it implements; all where it has none. */
  readonly head: string;
  readonly interfaces: readonly string[];
  /** What it implements, and in which subgraphs. */
  readonly implementing: string;
  /** What its keys are made of. */
  readonly keys: readonly (readonly SelectionNode[])[];
  readonly fields: ReadonlyMap<string, FieldText>;
}

export interface FieldText {
  readonly text: string;
  /** Its named type. */
  readonly typeName: string;
  /** Whether it says itself which subgraphs have it; others are had by all that have the type. */
  readonly namesSubgraphs: boolean;
  readonly requires: readonly SelectionNode[];
  readonly provides: readonly SelectionNode[];
  /** Whether it takes an argument from a type further up (`@fromContext`). */
  readonly takesContext: boolean;
}

/** Finds the text of a type; undefined for one that the supergraph does not define. */
export type FindTypeText = (typeName: string) => TypeText | undefined;

/** Reads types out of a supergraph's SDL as they are asked for, and remembers them. */
export function createTypeTexts(sdl: string, places: ReadonlyMap<string, DefinitionPlace>): FindTypeText {
  const known = new Map<string, TypeText>();
  return (typeName) => {
    const place = places.get(typeName);
    if (place === undefined) return undefined;
    const found = known.get(typeName) ?? readTypeText(sdl.slice(place.start, place.end));
    known.set(typeName, found);
    return found;
  };
}

function readTypeText(text: string): TypeText {
  const [definition] = parse(text).definitions;
  if (definition === undefined) throw new TypeError('The text of a type defines nothing');
  const fields =
    definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION
      ? definition
      : undefined;
  const [first] = fields?.fields ?? [];
  const keys = fields?.directives?.flatMap((directive) => fieldSets(directive, 'join__type', 'key')) ?? [];
  const interfaces = fields?.interfaces?.map(({ name }) => name.value) ?? [];
  const implemented = fields?.directives?.filter(({ name }) => name.value === 'join__implements') ?? [];
  return {
    head: text.slice(0, first?.loc?.start),
    interfaces,
    implementing: [...interfaces, ...implemented.map(print)].join(' '),
    keys,
    fields: new Map(fields?.fields?.map((field) => [field.name.value, readFieldText(field, text)])),
  };
}

function readFieldText({ type, directives = [], loc }: FieldDefinitionNode, text: string): FieldText {
  const joined = (name: string): boolean =>
    directives.some((directive) => directive.arguments?.some((argument) => argument.name.value === name) === true);
  const sets = (name: string) => directives.flatMap((directive) => fieldSets(directive, 'join__field', name)).flat();
  return {
    text: text.slice(loc?.start, loc?.end),
    typeName: namedType(print(type)),
    namesSubgraphs: joined('graph'),
    requires: sets('requires'),
    provides: sets('provides'),
    takesContext: joined('contextArguments'),
  };
}

function fieldSets(directive: ConstDirectiveNode, name: string, argument: string): (readonly SelectionNode[])[] {
  if (directive.name.value !== name) return [];
  return (directive.arguments ?? []).flatMap((given) =>
    given.name.value === argument && given.value.kind === Kind.STRING ? [parseFieldSet(given.value.value)] : [],
  );
}
