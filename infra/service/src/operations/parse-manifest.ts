import { hash as digest } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GraphQLError, parse, type OperationDefinitionNode } from 'graphql';
import {
  ManifestFault,
  manifestLimits,
  type ManifestLimits,
  type ManifestOperation,
  type OperationManifest,
} from './manifest.js';
import { normaliseDocument } from './normalise-document.js';
import { isOperationId, isSha256, plainOperationId } from './operation-id.js';
import { maxReasons, readEntries, type ManifestEntry } from './read-entries.js';

/** How long a manifest may keep the process from everything else at a time. */
const sliceMs = 10;

/**
 * Reads a manifest of Apollo (`apollo-persisted-query-manifest`, version 1), Relay (a map, or a list of pairs) or GraphQL
 * Codegen (a map). It gives way to other work between operations.
 *
 * @param content the manifest's JSON, or its text
 * @throws ManifestFault with the reasons: one bad operation refuses the whole
 */
export async function parseManifest(
  content: unknown,
  limits: ManifestLimits = manifestLimits,
): Promise<OperationManifest> {
  const { format, entries } = readEntries(typeof content === 'string' ? parseJson(content) : content);
  if (entries.length > limits.maxOperations) {
    throw new ManifestFault([`it has ${entries.length} operations, and ${limits.maxOperations} are the most`]);
  }
  if (entries.length === 0) throw new ManifestFault(['it has no operations']);
  const reasons: string[] = [];
  const operations = new Map<string, ManifestOperation>();
  let sliceEndsAtMs = performance.now() + sliceMs;
  for (const entry of entries) {
    if (performance.now() > sliceEndsAtMs) {
      await nextTurn();
      sliceEndsAtMs = performance.now() + sliceMs;
    }
    const read = readOperation(entry, limits);
    if (typeof read === 'string') reasons.push(`operation ${describe(entry)}: ${read}`);
    else {
      const key = `${read.clientName ?? ''}\n${read.id}`;
      if ((operations.get(key) ?? read).hash !== read.hash) {
        reasons.push(`operation ${describe(entry)}: its id stands for another document too`);
      }
      operations.set(key, read);
    }
    if (reasons.length >= maxReasons) break;
  }
  if (reasons.length > 0) throw new ManifestFault(reasons);
  return { format, operations: [...operations.values()] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ManifestFault([`it is not valid JSON: ${(error as Error).message}`]);
  }
}

/** @returns the operation, or what is wrong with it */
function readOperation(
  entry: ManifestEntry,
  { maxBodyCharacters, maxTokens }: ManifestLimits,
): ManifestOperation | string {
  const { body, name, type, clientName } = entry;
  if (!isOperationId(entry.id)) return 'its id has characters that no id may have, or more than 256';
  if (body.length > maxBodyCharacters) return `its text is longer than ${maxBodyCharacters} characters`;
  const id = plainOperationId(entry.id);
  const hash = digest('sha256', body);
  if (isSha256(id) && id !== hash) return 'its id is not the SHA-256 of its text';
  const parsed = parseBody(body, maxTokens);
  if (typeof parsed === 'string') return parsed;
  const operations = parsed.definitions.filter((definition) => definition.kind === 'OperationDefinition');
  const [first] = operations;
  if (first === undefined) return 'its text has no operation';
  const named = name === undefined ? first : operations.find((operation) => nameOf(operation) === name);
  if (named === undefined) return `its text has no operation of the name ${name?.slice(0, 100)}`;
  if (type !== undefined && named.operation !== type) return `it is a ${named.operation}, not a ${type}`;
  const normalisedHash = digest('sha256', normaliseDocument(parsed));
  return { id, name: nameOf(named), body, hash, normalisedHash, clientName: clientName ?? undefined };
}

function parseBody(body: string, maxTokens: number) {
  try {
    return parse(body, { maxTokens, noLocation: true });
  } catch (error) {
    if (error instanceof GraphQLError) {
      const [place] = error.locations ?? [];
      return place === undefined ? error.message : `${error.message} (line ${place.line}, column ${place.column})`;
    }
    // The parser recurses: text that nests some thousand levels deep ends its stack.
    if (error instanceof RangeError) return 'its text nests too deep';
    throw error;
  }
}

const nameOf = ({ name }: OperationDefinitionNode): string | undefined => name?.value;

function describe({ id, name }: ManifestEntry): string {
  return name === undefined ? id.slice(0, 80) : `${name.slice(0, 80)} (${id.slice(0, 80)})`;
}
