import { Kind, type FieldNode, type SelectionSetNode } from 'graphql';
import { hintAt, isGuarded, possibleTypes, type CacheSchema } from './cache-schema.js';
import type { CacheScopeName } from './cache-policy.js';
import type { FetchDocument } from './fetch-document.js';

/** What the schema says about the answer to a part of a fetch. */
export interface FetchHints {
  /** Where the subgraph's answer says nothing: what no hint covers is not kept. */
  readonly strictMaxAgeSeconds: number;
  readonly strictScope: CacheScopeName;
  /** What hints say by themselves, to restrict what the answer says; undefined for none. */
  readonly hintedMaxAgeSeconds: number | undefined;
  readonly isHintedPrivate: boolean;
  /** Whether only some callers may have some of it. */
  readonly isGuarded: boolean;
  /** Object types that it may tell something about. */
  readonly types: ReadonlySet<string>;
}

/** What the schema says about both. */
export function joinHints(one: FetchHints, other: FetchHints): FetchHints {
  const hinted = [one.hintedMaxAgeSeconds, other.hintedMaxAgeSeconds].filter((age) => age !== undefined);
  return {
    strictMaxAgeSeconds: Math.min(one.strictMaxAgeSeconds, other.strictMaxAgeSeconds),
    strictScope: one.strictScope === 'private' ? 'private' : other.strictScope,
    hintedMaxAgeSeconds: hinted.length === 0 ? undefined : Math.min(...hinted),
    isHintedPrivate: one.isHintedPrivate || other.isHintedPrivate,
    isGuarded: one.isGuarded || other.isGuarded,
    types: new Set([...one.types, ...other.types]),
  };
}

/** What stands above a field. */
interface Parent {
  readonly typeName: string;
  readonly scope: CacheScopeName;
  /** Whether there is an age above for a field to inherit: not at the root, nor in an entity whose type has none. */
  readonly hasAge: boolean;
}

/** Collects the hints of one part of a fetch, as Apollo's rules for `@cacheControl` have it, but private by default. */
export class HintCollector {
  readonly #schema: CacheSchema;
  readonly #fragments: FetchDocument['fragments'];
  readonly #types = new Set<string>();
  #strictAge = Number.POSITIVE_INFINITY;
  #hintedAge = Number.POSITIVE_INFINITY;
  #isStrictlyPrivate = false;
  #isHintedPrivate = false;
  #isGuarded = false;

  constructor(schema: CacheSchema, fragments: FetchDocument['fragments']) {
    this.#schema = schema;
    this.#fragments = fragments;
  }

  get hints(): FetchHints {
    return {
      strictMaxAgeSeconds: Number.isFinite(this.#strictAge) ? this.#strictAge : 0,
      strictScope: this.#isStrictlyPrivate ? 'private' : 'public',
      hintedMaxAgeSeconds: Number.isFinite(this.#hintedAge) ? this.#hintedAge : undefined,
      isHintedPrivate: this.#isHintedPrivate,
      isGuarded: this.#isGuarded,
      types: this.#types,
    };
  }

  addRootField(field: FieldNode, typeName: string): void {
    this.#addField(field, { typeName, scope: this.#schema.defaultScope, hasAge: false });
  }

  /** An entity stands for itself: its type's hint counts, or else that of each of its fields. */
  addEntity(selectionSet: SelectionSetNode, typeName?: string): void {
    const hint = typeName === undefined ? undefined : hintAt(this.#schema, typeName, '');
    const scope = hint?.scope ?? this.#schema.defaultScope;
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        if (typeName === undefined || selection.name.value.startsWith('__')) continue;
        this.#reach(typeName);
        this.#noteAge(hint?.maxAgeSeconds);
        this.#noteScope(hint?.scope, scope);
        this.#isGuarded ||= (this.#schema.types.get(typeName)?.rules.size ?? 0) > 0;
        this.#addField(selection, { typeName, scope, hasAge: hint?.maxAgeSeconds !== undefined });
      } else {
        const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
        if (inner !== undefined) this.addEntity(inner.selectionSet, inner.typeCondition?.name.value ?? typeName);
      }
    }
  }

  #addSelections({ selections }: SelectionSetNode, parent: Parent): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        this.#addField(selection, parent);
        continue;
      }
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
      if (inner === undefined) continue;
      const typeName = inner.typeCondition?.name.value ?? parent.typeName;
      this.#addSelections(inner.selectionSet, { ...parent, typeName });
    }
  }

  #addField({ name: { value: name }, selectionSet }: FieldNode, parent: Parent): void {
    if (name.startsWith('__')) return;
    const schema = this.#schema;
    const target = schema.types.get(parent.typeName)?.fields.get(name)?.typeName;
    // What this supergraph does not know of, it knows nothing good about.
    if (target === undefined) this.#strictAge = 0;
    const hint = hintAt(schema, parent.typeName, `.${name}`, selectionSet === undefined && parent.hasAge);
    const typeHint = selectionSet === undefined || target === undefined ? undefined : hintAt(schema, target, '');
    this.#isGuarded ||= isGuarded(schema, parent.typeName, name);

    const maxAge = hint?.maxAgeSeconds ?? (hint?.inheritMaxAge === true ? undefined : typeHint?.maxAgeSeconds);
    const mayInherit = selectionSet === undefined || hint?.inheritMaxAge === true || typeHint?.inheritMaxAge === true;
    this.#noteAge(maxAge);
    if (maxAge === undefined && !(mayInherit && parent.hasAge)) this.#strictAge = 0;
    const said = hint?.scope ?? typeHint?.scope;
    const scope = said ?? parent.scope;
    this.#noteScope(said, selectionSet !== undefined || !parent.hasAge ? scope : said);

    if (selectionSet === undefined || target === undefined) return;
    this.#reach(target);
    this.#addSelections(selectionSet, { typeName: target, scope, hasAge: true });
  }

  #reach(typeName: string): void {
    for (const name of possibleTypes(this.#schema, typeName)) this.#types.add(name);
  }

  #noteAge(maxAgeSeconds: number | undefined): void {
    if (maxAgeSeconds === undefined) return;
    this.#strictAge = Math.min(this.#strictAge, maxAgeSeconds);
    this.#hintedAge = Math.min(this.#hintedAge, maxAgeSeconds);
  }

  #noteScope(said: CacheScopeName | undefined, effective: CacheScopeName | undefined): void {
    this.#isHintedPrivate ||= said === 'private';
    this.#isStrictlyPrivate ||= effective === 'private';
  }
}
