import type { SelectionNode } from 'graphql';
import type { FindAlike } from './alike-types.js';
import { collectFields, isSameField, toSelections, type Fragments, type WantedField } from './collect-fields.js';
import { newSelection, selectionOn } from './fetch-selection.js';
import type { OpenSources } from './open-sources.js';
import type { SpendStep } from '../plan-budget.js';
import { providedBelow } from './provided.js';
import { childSpot, type FetchGroup, type Source, type Spot, type TypeNames } from './spot.js';
import type { SubgraphField, SubgraphIndex } from './subgraph-index.js';
import { isListType, namedType } from './type-text.js';

/** What came of placing fields. */
export interface Placed {
  /** What cannot be had from here; it may be had by another way to here. */
  readonly left: readonly WantedField[];
  /** The fetches that bring the rest. */
  readonly groups: ReadonlySet<FetchGroup>;
}

/** Puts wanted fields into fetches. */
export interface PlaceFields {
  /** @param only the subgraphs that may be asked at this spot; undefined for all */
  place(spot: Spot, fields: readonly WantedField[], only?: ReadonlySet<string>): Placed;
}

export interface PlaceFieldsOptions {
  readonly index: SubgraphIndex;
  readonly findAlike: FindAlike;
  readonly fragments: Fragments;
  /** Whether who asks does not see the type. */
  readonly isHidden: (typeName: string) => boolean;
  /** Called for every field that is placed. */
  readonly spend: SpendStep;
}

/**
 * @param createOpen makes what finds the fetches that can be asked about a spot, of what places what those require
 *   themselves
 */
export function createPlaceFields(
  { index, findAlike, fragments, isHidden, spend }: PlaceFieldsOptions,
  createOpen: (place: PlaceFields['place']) => OpenSources,
): PlaceFields {
  const open = createOpen(place);

  function place(spot: Spot, fields: readonly WantedField[], only?: ReadonlySet<string>): Placed {
    const left: WantedField[] = [];
    const groups = new Set<FetchGroup>();
    for (const field of fields) {
      const remaining = placeField(spot, field, groups, only);
      if (remaining !== undefined) left.push(remaining);
    }
    return { left, groups };
  }

  function placeField(
    spot: Spot,
    field: WantedField,
    groups: Set<FetchGroup>,
    only: ReadonlySet<string> | undefined,
  ): WantedField | undefined {
    spend();
    const known = spot.leaves.get(field.key);
    if (known !== undefined) {
      groups.add(known);
      return undefined;
    }
    let remaining: WantedField | undefined = field;
    for (const { source, own } of open.candidates(spot, field, only)) {
      remaining = placeIn(spot, source, own, remaining, groups);
      if (remaining === undefined) return undefined;
    }
    return remaining;
  }

  /** @returns what this source cannot give of the field */
  function placeIn(
    spot: Spot,
    source: Source,
    own: SubgraphField | undefined,
    field: WantedField,
    groups: Set<FetchGroup>,
  ): WantedField | undefined {
    const { group, selection } = source;
    if (own === undefined) {
      selection.asksTypename = true;
      spot.leaves.set(field.key, group);
      groups.add(group);
      return undefined;
    }
    const { key, name } = field;
    const given =
      own.contextArguments.length === 0 ? field.arguments : [...field.arguments, ...source.contextArguments];
    if (field.selections === undefined) {
      selection.fields.set(key, { name, arguments: given, type: own.type, below: undefined, alias: undefined });
      spot.leaves.set(key, group);
      groups.add(group);
      return undefined;
    }
    const below = selection.fields.get(key)?.below ?? newSelection();
    const provided = [...own.provides, ...providedBelow(source.provided, spot.typeName, name, index)];
    const typeName = namedType(own.type);
    const isAbstract = !index.isObjectIn(typeName, source.graph);
    if (isAbstract) below.asksTypename = true;
    const at = [{ Field: key }, ...(isListType(own.type) ? (['@'] as const) : [])];
    const left: SelectionNode[] = [];
    const inner = new Set<FetchGroup>();
    const known = new Set(spot.children.values());
    let isKnown = false;
    for (const members of alikeMembers(
      index.membersIn(typeName, source.graph),
      source.graph,
      field.selections,
      provided,
    )) {
      const child = childSpot(spot, members, isAbstract ? [...at, { TypeCondition: members }] : at);
      isKnown ||= known.has(child);
      const there: Source = {
        graph: source.graph,
        group,
        selection: isAbstract ? selectionOn(below, members) : below,
        typeName: child.typeName,
        provided,
        contextArguments: [],
      };
      if (!child.sources.some((other) => other.selection === there.selection)) child.sources.push(there);
      left.push(...placeBelow(child, there, field.selections, inner));
    }
    if (inner.size === 0 && left.length > 0 && !isKnown) {
      // Nothing of it can be had this way: nobody may count on a fetch that does not come here.
      for (const [name, child] of spot.children) if (!known.has(child)) spot.children.delete(name);
      return field;
    }
    for (const one of inner) groups.add(one);
    selection.fields.set(key, { name, arguments: given, type: own.type, below, alias: undefined });
    groups.add(group);
    return left.length === 0 ? undefined : { ...field, selections: left };
  }

  function placeBelow(
    spot: Spot,
    source: Source,
    selections: readonly SelectionNode[],
    groups: Set<FetchGroup>,
  ): SelectionNode[] {
    if (index.isInterfaceObject(spot.typeName, source.graph)) return placeUnknown(spot, selections, groups);
    // Of a hidden object no more is told than that it is there.
    if (isHidden(spot.typeName)) return [];
    const placed = place(spot, collectFields(selections, spot.typeName, fragments, index));
    for (const group of placed.groups) groups.add(group);
    return toSelections(spot.typeNames, placed.left);
  }

  /** The objects that a subgraph gives, those together that a plan can treat alike. */
  function alikeMembers(
    members: readonly string[],
    graph: string,
    selections: readonly SelectionNode[],
    provided: readonly SelectionNode[],
  ): readonly TypeNames[] {
    const isApart = (typeName: string): boolean => isHidden(typeName) || index.isInterfaceObject(typeName, graph);
    const apart = members.filter(isApart).map((typeName): TypeNames => [typeName]);
    const known = members.filter((typeName) => !isApart(typeName));
    const wanted = new Map<string, readonly WantedField[]>();
    for (const typeName of known) {
      spend();
      wanted.set(typeName, collectFields(selections, typeName, fragments, index));
    }
    return [...apart, ...findAlike(wanted, provided)];
  }

  /** Objects whose type their subgraph does not know: what all of them are asked alike may be had without finding out. */
  function placeUnknown(spot: Spot, selections: readonly SelectionNode[], groups: Set<FetchGroup>): SelectionNode[] {
    const types = [...index.possibleTypes(spot.typeName)].filter((typeName) => !isHidden(typeName));
    const wanted = new Map(types.map((typeName) => [typeName, collectFields(selections, typeName, fragments, index)]));
    const [first = [], ...others] = wanted.values();
    for (const field of first) {
      const isCommon = others.every((fields) =>
        fields.some((other) => other.key === field.key && isSameField(other, field)),
      );
      if (!isCommon || field.name === '__typename') continue;
      const remaining = placeField(spot, field, groups, undefined);
      for (const [typeName, fields] of wanted) {
        const rest = fields.flatMap((other) => (other.key !== field.key ? other : (remaining ?? [])));
        wanted.set(typeName, rest);
      }
    }
    if ([...wanted.values()].every((fields) => fields.length === 0)) return [];
    const home = open.home(spot);
    return findAlike(wanted, home?.provided ?? []).flatMap((typeNames) => {
      const [typeName] = typeNames;
      const fields = wanted.get(typeName) ?? [];
      if (home === undefined) return toSelections(typeNames, fields);
      groups.add(home.group);
      const typed = childSpot(spot, typeNames, [{ TypeCondition: typeNames }]);
      const there: Source = { ...home, typeName, selection: selectionOn(home.selection, typeNames) };
      if (!typed.sources.some((other) => other.selection === there.selection)) typed.sources.push(there);
      const placed = place(typed, fields);
      for (const group of placed.groups) groups.add(group);
      return toSelections(typeNames, placed.left);
    });
  }

  return { place };
}
