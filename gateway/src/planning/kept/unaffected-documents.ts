import {
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  Kind,
  OperationTypeNode,
  print,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';
import type { Supergraph } from '../supergraph.js';
import { placeOf, possibleTypesOf, textAt } from './ground.js';

/** @param document one that is valid over the supergraph before */
export type IsUnaffected = (document: DocumentNode) => boolean;

/** Of the others it is not looked at what they are. */
const knownDirectives: ReadonlySet<string> = new Set(['skip', 'include', 'defer']);

/**
 * Decides which documents that are valid over a supergraph are so over the next: those that are made of fields, types and
 * inputs of which nothing has changed. Of the others, which are few, that is not known; to validate all documents anew
 * takes longer than anything else that a new supergraph costs beside requests.
 */
export function compareSupergraphs(before: Supergraph, after: Supergraph): IsUnaffected {
  if (framework(before) !== framework(after)) return () => false;
  const comparison = new Comparison(before, after);
  return (document) => document.definitions.every((definition) => comparison.isSameDefinition(definition));
}

/** What any document rests on: the roots' names, what is hidden or taken out for its name, and the directives of all schemas. */
function framework({ publicSchema, features }: Supergraph): string {
  const roots = Object.values(OperationTypeNode).map((operation) => publicSchema.getRootType(operation)?.name);
  const directives = [...knownDirectives].map((name) => publicSchema.getDirective(name)?.astNode);
  return [features.text, ...roots, ...directives.map((definition) => definition && print(definition))].join('\n');
}

class Comparison {
  readonly #before: Supergraph;
  readonly #after: Supergraph;
  /** By coordinate; see {@link textAt}. */
  readonly #isSame = new Map<string, boolean>();

  constructor(before: Supergraph, after: Supergraph) {
    this.#before = before;
    this.#after = after;
  }

  isSameDefinition(definition: DocumentNode['definitions'][number]): boolean {
    const { publicSchema } = this.#before;
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      const { typeCondition, selectionSet, directives } = definition;
      return this.#areKnown(directives) && this.#isSameCondition(typeCondition.name.value, selectionSet);
    }
    if (definition.kind !== Kind.OPERATION_DEFINITION) return false;
    const { operation, variableDefinitions = [], directives, selectionSet } = definition;
    return (
      this.#areKnown(directives) &&
      variableDefinitions.every(
        (variable) => this.#areKnown(variable.directives) && this.#isSameInput(namedTypeOf(variable.type)),
      ) &&
      this.#areSameSelections(selectionSet, publicSchema.getRootType(operation))
    );
  }

  #areKnown(directives: readonly DirectiveNode[] = []): boolean {
    return directives.every(({ name }) => knownDirectives.has(name.value));
  }

  #areSameSelections({ selections }: SelectionSetNode, parent: GraphQLNamedType | null | undefined): boolean {
    if (parent === undefined || parent === null) return false;
    return selections.every((selection) => {
      if (!this.#areKnown(selection.directives)) return false;
      if (selection.kind === Kind.FIELD) return this.#isSameField(selection, parent);
      // A fragment's definition is looked at by itself.
      if (selection.kind === Kind.FRAGMENT_SPREAD) return true;
      return this.#isSameCondition(selection.typeCondition?.name.value ?? parent.name, selection.selectionSet);
    });
  }

  #isSameCondition(typeName: string, selectionSet: SelectionSetNode): boolean {
    return (
      this.#isSameType(typeName) && this.#areSameSelections(selectionSet, this.#before.publicSchema.getType(typeName))
    );
  }

  #isSameField({ name, arguments: given = [], selectionSet }: FieldNode, parent: GraphQLNamedType): boolean {
    if (name.value === '__typename') return true;
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name.value] : undefined;
    const coordinate = `${parent.name}.${name.value}`;
    // Of a field that was added to its type later (`extend type`) there is no text.
    if (field === undefined || textAt(this.#before, coordinate) === undefined || !this.#isSameAt(coordinate))
      return false;
    const type = getNamedType(field.type);
    const inputs = given.map((argument) => field.args.find((one) => one.name === argument.name.value)?.type);
    return (
      this.#isSameType(type.name) &&
      inputs.every((input) => input !== undefined && this.#isSameInput(getNamedType(input).name)) &&
      (selectionSet === undefined || this.#areSameSelections(selectionSet, type))
    );
  }

  /** Which kind of type it is, what it can be, and what that is in turn. */
  #isSameType(typeName: string): boolean {
    const possible = this.#before.facts.possibleTypes.get(typeName) ?? [];
    return this.#remember(
      `${typeName}: type`,
      () =>
        this.#isSameAt(possibleTypesOf(typeName)) &&
        [typeName, ...possible].every((name) => this.#isSameAt(placeOf(name))),
    );
  }

  /** The input with everything that it is made of. */
  #isSameInput(typeName: string): boolean {
    return this.#remember(`${typeName}: input`, () => {
      const parts = new Set([typeName]);
      for (const name of parts) {
        const type = this.#before.publicSchema.getType(name);
        if (!isInputObjectType(type)) continue;
        for (const field of Object.values(type.getFields())) parts.add(getNamedType(field.type).name);
      }
      return [...parts].every((name) => this.#isSameAt(name));
    });
  }

  #isSameAt(coordinate: string): boolean {
    return this.#remember(coordinate, () => textAt(this.#before, coordinate) === textAt(this.#after, coordinate));
  }

  #remember(what: string, compare: () => boolean): boolean {
    const known = this.#isSame.get(what);
    if (known !== undefined) return known;
    const isSame = compare();
    this.#isSame.set(what, isSame);
    return isSame;
  }
}

function namedTypeOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedTypeOf(type.type);
}
