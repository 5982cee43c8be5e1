import { shapeOfValues, writeValues, type EntityKey } from './entity-keys.js';

/** What everything is tagged with. */
export const everythingTag = 'all';

/** Of everything that may tell something about objects of a type. */
export function typeTag(typeName: string): string {
  return `type:${typeName}`;
}

/** Of what tells about one entity. @param key as `writeKey` writes it */
export function entityTag(typeName: string, key: string): string {
  return `entity:${typeName}:${key}`;
}

/** Of what tells about an entity without saying which: it goes with each of them. */
export function unnamedTag({ typeName, shape }: Pick<EntityKey, 'typeName' | 'shape'>): string {
  return `some:${typeName}:${shape}`;
}

/** What stands for the entity of an {@link entityTag}; undefined for any other tag. */
export function unnamedTagOf(tag: string): string | undefined {
  const [, typeName = '', key] = /^entity:(\w+):(.+)$/s.exec(tag) ?? [];
  if (key === undefined) return undefined;
  return unnamedTag({ typeName, shape: shapeOfValues(JSON.parse(key) as Readonly<Record<string, unknown>>) });
}

/** A name that a subgraph gave, in `@cacheTag` or in a header. */
export function customTag(name: string): string {
  return `tag:${name}`;
}

/** Of what one caller sees, so that who has changed something sees it. @param caller whoever tells callers apart */
export function callerTag(caller: string): string {
  return `caller:${caller}`;
}

/** What has changed and is no longer to be answered as it was. */
export interface ChangedThings {
  readonly entities?: readonly { readonly type: string; readonly key: Readonly<Record<string, unknown>> }[] | undefined;
  /** Every object of these types, and every list that may have one. */
  readonly types?: readonly string[] | undefined;
  /** Names that subgraphs gave. */
  readonly tags?: readonly string[] | undefined;
  readonly everything?: boolean | undefined;
}

/** The tags that a change invalidates. */
export function tagsOf({ entities = [], types = [], tags = [], everything = false }: ChangedThings): readonly string[] {
  const all = [
    ...entities.flatMap(({ type, key }) => [
      entityTag(type, writeValues(key)),
      unnamedTag({ typeName: type, shape: shapeOfValues(key) }),
    ]),
    ...types.map(typeTag),
    ...tags.map(customTag),
    ...(everything ? [everythingTag] : []),
  ];
  return [...new Set(all)];
}

/**
 * The names by which a cache before the gateway (CDN) can purge an answer: `User`, `User:1`, and subgraphs' own; without
 * separators of the headers that carry them.
 */
export function publicNames(tags: readonly string[]): readonly string[] {
  return tags.flatMap((tag) => {
    const [kind = '', ...rest] = tag.split(':');
    const name = rest.join(':');
    if (kind === 'type' || kind === 'tag') return [encode(name)];
    if (kind !== 'entity') return [];
    const [typeName = '', ...key] = rest;
    const values: unknown[] = Object.values(JSON.parse(key.join(':')) as object);
    return [
      encode(
        [typeName, ...values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))].join(':'),
      ),
    ];
  });
}

function encode(name: string): string {
  return name.replace(/[^\x21-\x2b\x2d-\x7e]/g, (character) => encodeURIComponent(character));
}
