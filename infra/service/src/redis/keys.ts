/** Every key that Tessera writes begins so: the Redis may be shared. */
const root = 'tessera';

/** What a service names one of its entries by. */
export interface EntryName {
  /** Absent for what belongs to no tenant. */
  readonly tenantId?: string | undefined;
  /** The kind of thing, e.g. `session`. */
  readonly thing: string;
  /** Last in the key, so it may hold any character. */
  readonly id: string;
}

/** Builds the service's own part of a key: `<tenant>:<thing>:<id>`; the tenant of what has none is `-`. */
export function entryKey({ tenantId, thing, id }: EntryName): string {
  return `${segment(tenantId ?? '-')}:${segment(thing)}:${id}`;
}

/** Builds the whole key of a service's entry: `tessera:<service>:<tenant>:<thing>:<id>`. */
export function serviceKey(service: string, key: string): string {
  return `${root}:${segment(service)}:${key}`;
}

/**
 * Builds the key of a rate limit's bucket: `tessera:rates:{<group>}:<rule>:<id>`. A cluster keeps keys whose braces hold the
 * same on one node, so that one script may take from all of them.
 */
export function rateKey(rule: string, group: string, id: string): string {
  return `${root}:rates:{${group.replaceAll(/[{}%]/g, encodeURIComponent)}}:${segment(rule)}:${id}`;
}

/** What stands before every channel's name. Channels do not know numbered databases, so the prefix alone keeps them apart. */
export const channelPrefix = `${root}:channel:`;

/** The stream of all domain events. */
export const eventStreamKey = `${root}:events`;

/** The stream of events that a consumer could not handle, kept for an operator. */
export const deadEventStreamKey = `${root}:events:dead`;

/** The key of a stream of live events. In a cluster all of them are on one node, so that one command may wait for many. */
export function liveStreamKey(name: string): string {
  return `${root}:{live}:${name}`;
}

/** A colon inside a segment would let two names share one key. */
function segment(text: string): string {
  return text.replaceAll('%', '%25').replaceAll(':', '%3A');
}
