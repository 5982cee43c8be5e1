import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { ResultKeys } from '../result-keys.js';
import { deferral, isCondition, type DeferCondition } from './defer-directive.js';
import { firstPart, Need, type Part } from './needs.js';

/** A step from an object towards the objects that a fragment is about. */
export type FragmentStep =
  { readonly responseKey: string; readonly resultKey: string } | { readonly typeCondition: string };

/** A fragment of an operation whose fields come later. One that is spread in two places is two. */
export interface DeferredFragment {
  readonly part: Part;
  readonly label: string | undefined;
  /** The part whose objects the steps begin at. */
  readonly within: Part;
  readonly steps: readonly FragmentStep[];
  /** `@skip` and `@include` on the way: one that is not met, and the fragment is not asked for. */
  readonly conditions: readonly DirectiveNode[];
  readonly type: GraphQLCompositeType;
  /** Without what is deferred within. */
  readonly selectionSet: SelectionSetNode;
}

/** An operation, taken apart into what comes at once and what may come later. */
export interface DeferredOperation {
  /** Each behind the one that it stands within. */
  readonly fragments: readonly DeferredFragment[];
  /** The document as the first part answers it. */
  readonly withoutFragments: DocumentNode;
  readonly needs: Need;
}

/** Where the walk is: within which part, and how it got there from that part's objects. */
interface Place {
  readonly part: Part;
  readonly steps: readonly FragmentStep[];
  readonly conditions: readonly DirectiveNode[];
  /** From the root of the result tree. */
  readonly needs: readonly [Need, ...Need[]];
}

/**
 * Reads the deferred fragments of an operation, and which part of the answer needs which field.
 *
 * @param isTrue the value of a variable that `@defer(if:)` asks for
 */
export function readDeferredFragments(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  schema: GraphQLSchema,
  keys: ResultKeys,
  isTrue: DeferCondition,
): DeferredOperation {
  const definitions = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) definitions.set(definition.name.value, definition);
  }
  const fragments: DeferredFragment[] = [];

  const takeOut = (node: FragmentSpreadNode | InlineFragmentNode): null | undefined =>
    deferral(node, isTrue) === undefined ? undefined : null;
  const withoutDeferred = <Node extends DocumentNode | SelectionSetNode>(node: Node): Node =>
    visit(node, { FragmentSpread: takeOut, InlineFragment: takeOut });

  function walk({ selections }: SelectionSetNode, type: GraphQLCompositeType, place: Place): void {
    for (const selection of selections) {
      const conditions = [...place.conditions, ...(selection.directives ?? []).filter(isCondition)];
      if (selection.kind === Kind.FIELD) {
        const resultKey = keys.keyOf(selection);
        const responseKey = selection.alias?.value ?? selection.name.value;
        const needs: Place['needs'] = [...place.needs, (place.needs.at(-1) ?? place.needs[0]).at(resultKey)];
        for (const need of needs) need.parts.add(place.part);
        const below = typeOfField(type, selection.name.value);
        if (selection.selectionSet === undefined || below === undefined) continue;
        const steps = [...place.steps, { responseKey, resultKey }];
        walk(selection.selectionSet, below, { ...place, steps, conditions, needs });
      } else {
        const isInline = selection.kind === Kind.INLINE_FRAGMENT;
        const source = isInline ? selection : definitions.get(selection.name.value);
        if (source === undefined) continue;
        const condition = source.typeCondition?.name.value;
        const narrowed = narrowing(type, condition);
        const steps = [...place.steps, ...narrowed];
        // Whoever answers the objects has to know which of them are meant.
        if (narrowed.length > 0) (place.needs.at(-1) ?? place.needs[0]).at('__typename').parts.add(place.part);
        const inner = typeNamed(condition) ?? type;
        const deferred = deferral(selection, isTrue);
        if (deferred === undefined) walk(source.selectionSet, inner, { ...place, steps, conditions });
        else defer(source.selectionSet, inner, deferred.label, { ...place, steps, conditions });
      }
    }
  }

  function defer(selectionSet: SelectionSetNode, type: GraphQLCompositeType, label: string | undefined, place: Place) {
    const { part: within, steps, conditions, needs } = place;
    const part = fragments.length + 1;
    fragments.push({
      part,
      label,
      within,
      steps,
      conditions,
      type,
      selectionSet: withoutDeferred(selectionSet),
    });
    for (const need of needs) need.parts.add(part);
    walk(selectionSet, type, { part, steps: [], conditions: [], needs });
  }

  function typeNamed(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }

  /** An object's type is what it is; of an abstract type only some objects may be meant. */
  function narrowing(type: GraphQLCompositeType, condition: string | undefined): FragmentStep[] {
    return condition === undefined || condition === type.name || !isAbstractType(type)
      ? []
      : [{ typeCondition: condition }];
  }

  const root = schema.getRootType(operation.operation);
  const needs = new Need();
  if (root != null) walk(operation.selectionSet, root, { part: firstPart, steps: [], conditions: [], needs: [needs] });
  return { fragments, withoutFragments: fragments.length === 0 ? document : withoutDeferred(document), needs };
}

function typeOfField(type: GraphQLCompositeType, name: string): GraphQLCompositeType | undefined {
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
  const named = field === undefined ? undefined : getNamedType(field.type);
  return isCompositeType(named) ? named : undefined;
}
