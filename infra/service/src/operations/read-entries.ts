import { z } from 'zod';
import { ManifestFault, type ManifestFormat } from './manifest.js';

/** One operation of a manifest before anything but its shape has been looked at. */
export interface ManifestEntry {
  readonly id: string;
  readonly body: string;
  readonly name?: string | undefined;
  readonly type?: string | undefined;
  readonly clientName?: string | null | undefined;
}

export interface ManifestEntries {
  readonly format: ManifestFormat;
  readonly entries: readonly ManifestEntry[];
}

const apolloSchema = z.object({
  version: z.literal(1),
  operations: z.array(
    z.object({
      id: z.string(),
      body: z.string(),
      name: z.string(),
      type: z.enum(['query', 'mutation', 'subscription']),
      clientName: z.string().min(1).max(64).nullish(),
    }),
  ),
});
const pairsSchema = z.array(z.tuple([z.string(), z.string()]));
const mapSchema = z.record(z.string(), z.string());

/** The most reasons that are told; a manifest of another kind altogether would have one for each of its lines. */
export const maxReasons = 20;

/**
 * Tells the kinds of manifests apart: Apollo's by its `format`, Relay's pairs by being a list, the map of Relay and of
 * GraphQL Codegen by being neither.
 *
 * @param content the manifest's JSON, parsed
 * @throws ManifestFault for what is none of them
 */
export function readEntries(content: unknown): ManifestEntries {
  if (Array.isArray(content)) {
    const pairs = check(pairsSchema, content, 'a list of [id, text]');
    return { format: 'relay-pairs', entries: pairs.map(([id, body]) => ({ id, body })) };
  }
  if (typeof content !== 'object' || content === null) {
    throw new ManifestFault(['it must be a JSON object or a list of pairs']);
  }
  if ('format' in content && 'operations' in content) {
    if (content.format !== 'apollo-persisted-query-manifest') {
      throw new ManifestFault([`the format ${JSON.stringify(content.format).slice(0, 100)} is not known`]);
    }
    return { format: 'apollo', entries: check(apolloSchema, content, 'apollo-persisted-query-manifest').operations };
  }
  const map = check(mapSchema, content, 'a map of ids to texts');
  return { format: 'map', entries: Object.entries(map).map(([id, body]) => ({ id, body })) };
}

function check<Value>(schema: z.ZodType<Value>, content: unknown, kind: string): Value {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues
    .slice(0, maxReasons)
    .map(({ path, message }) => `${[kind, ...path].join('.')}: ${message}`);
  throw new ManifestFault(reasons);
}
