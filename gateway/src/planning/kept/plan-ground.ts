import { Kind, type DocumentNode, type SelectionNode } from 'graphql';
import type { Supergraph } from '../supergraph.js';
import { placeOf, possibleTypesOf, subgraphOf, takeGround, textAt, type Ground } from './ground.js';
import type { FieldText, TypeText } from './type-texts.js';

/** Of operations for which more has to be looked at no ground is known: planning them anew is the lesser evil. */
const maxSteps = 20_000;

/**
 * What the plan of an operation rests on: everything in the supergraph that planners may look at for it. Where another
 * supergraph has the same there, the plan is as right. That are the fields it asks for, as their types, the objects
 * these can be, and their interfaces have them; who has those types, and by which keys; and the same of what keys,
 * `@requires` and `@provides` name, for these are asked for besides. It is found by going from one to the next, so that
 * where all that was met is the same, going again would meet the same.
 *
 * @returns undefined where that is too much to look at, or reaches further (`@fromContext`)
 */
export function groundOf(document: DocumentNode, supergraph: Supergraph): Ground | undefined {
  const ground = new PlanGround(supergraph, document);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const root = definition.operation.slice(0, 1).toUpperCase() + definition.operation.slice(1);
    ground.walk(definition.selectionSet.selections, root);
  }
  return ground.take();
}

class PlanGround {
  readonly #supergraph: Supergraph;
  readonly #fragments = new Map<string, { readonly type: string; readonly selections: readonly SelectionNode[] }>();
  readonly #coordinates = new Set<string>();
  readonly #heads = new Set<string>();
  readonly #types = new Set<string>();
  readonly #walked = new Map<readonly SelectionNode[], Set<string>>();
  #stepsLeft = maxSteps;
  #reachesFurther = false;

  constructor(supergraph: Supergraph, document: DocumentNode) {
    this.#supergraph = supergraph;
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
      const { typeCondition, selectionSet } = definition;
      this.#fragments.set(definition.name.value, {
        type: typeCondition.name.value,
        selections: selectionSet.selections,
      });
    }
  }

  take(): Ground | undefined {
    if (this.#reachesFurther || this.#stepsLeft < 0) return undefined;
    for (const coordinate of [...this.#coordinates]) {
      const text = textAt(this.#supergraph, coordinate) ?? '';
      for (const [, graph = ''] of text.matchAll(/\bgraph\s*:\s*(\w+)/g)) this.#coordinates.add(subgraphOf(graph));
    }
    return takeGround(this.#supergraph, this.#coordinates);
  }

  /** Everything that the selections ask for, of an object of the type. */
  walk(selections: readonly SelectionNode[], typeName: string): void {
    const walked = this.#walked.get(selections) ?? new Set();
    this.#walked.set(selections, walked);
    if (walked.has(typeName) || (this.#stepsLeft -= 1) < 0) return;
    walked.add(typeName);
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        this.#walkField(selection.name.value, selection.selectionSet?.selections, typeName);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.#walkFragment(
          selection.selectionSet.selections,
          selection.typeCondition?.name.value ?? typeName,
          typeName,
        );
      } else {
        const fragment = this.#fragments.get(selection.name.value);
        if (fragment !== undefined) this.#walkFragment(fragment.selections, fragment.type, typeName);
      }
    }
  }

  #walkField(name: string, below: readonly SelectionNode[] | undefined, typeName: string): void {
    for (const objectName of [typeName, ...this.#possibleTypes(typeName)]) {
      const field = this.#touchField(objectName, name);
      if (below !== undefined && field !== undefined) this.walk(below, field.typeName);
    }
  }

  #walkFragment(selections: readonly SelectionNode[], condition: string, typeName: string): void {
    const isNarrower = this.#possibleTypes(condition).has(typeName);
    if (isNarrower) this.#touchHead(condition);
    else this.#touchType(condition);
    this.walk(selections, isNarrower ? typeName : condition);
  }

  #touchField(typeName: string, name: string): FieldText | undefined {
    const type = this.#touchHead(typeName);
    const field = type?.fields.get(name);
    const coordinate = `${typeName}.${name}`;
    if (this.#coordinates.has(coordinate)) return field;
    this.#coordinates.add(coordinate);
    if (type === undefined || field === undefined) return undefined;
    this.#stepsLeft -= 1;
    // Such a field is had by all subgraphs that stand before the fields.
    if (!field.namesSubgraphs) this.#coordinates.add(typeName);
    this.#reachesFurther ||= field.takesContext;
    this.#touchType(field.typeName);
    this.walk(field.requires, typeName);
    this.walk(field.provides, field.typeName);
    for (const interfaceName of type.interfaces) this.#touchField(interfaceName, name);
    return field;
  }

  #touchType(typeName: string): void {
    if (this.#types.has(typeName)) return;
    this.#types.add(typeName);
    this.#touchHead(typeName);
    for (const objectName of this.#possibleTypes(typeName)) this.#touchHead(objectName);
  }

  #touchHead(typeName: string): TypeText | undefined {
    const type = this.#supergraph.typeText(typeName);
    if (this.#heads.has(typeName)) return type;
    this.#heads.add(typeName);
    this.#stepsLeft -= 1;
    this.#coordinates.add(placeOf(typeName));
    for (const key of type?.keys ?? []) this.walk(key, typeName);
    for (const interfaceName of type?.interfaces ?? []) this.#touchHead(interfaceName);
    return type;
  }

  #possibleTypes(typeName: string): ReadonlySet<string> {
    this.#coordinates.add(possibleTypesOf(typeName));
    return this.#supergraph.facts.possibleTypes.get(typeName) ?? none;
  }
}

const none: ReadonlySet<string> = new Set();
