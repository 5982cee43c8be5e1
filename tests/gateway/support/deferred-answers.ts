import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { openRawStream } from './raw-stream.js';

type Path = readonly (string | number)[];

/** One part of an answer in parts, in either of the formats. */
export interface AnswerPart {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly hasNext: boolean;
  readonly pending?: readonly { readonly id: string; readonly path: Path; readonly label?: string }[];
  readonly incremental?: readonly {
    readonly id?: string;
    readonly path?: Path;
    readonly label?: string;
    readonly data: Record<string, unknown> | null;
    readonly errors?: readonly GraphQLFormattedError[];
  }[];
  readonly completed?: readonly { readonly id: string; readonly errors?: readonly GraphQLFormattedError[] }[];
}

export const formats = {
  '20220824': 'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9',
  'v0.2': 'multipart/mixed;incrementalSpec=v0.2,application/graphql-response+json,application/json;q=0.9',
} as const;

/** Asks for an answer in parts; resolves with all of them. */
export async function askInParts(
  url: string,
  body: object,
  accept: string = formats['20220824'],
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly AnswerPart[]> {
  const stream = await openRawStream(url, { headers: { ...headers, accept }, body });
  if (!(await stream.ended)) throw new Error('The answer was cut');
  return partsOf(stream.response.headers['content-type'] ?? '', stream.text());
}

/** Reads the parts that have arrived so far. */
export function partsOf(contentType: string, text: string): AnswerPart[] {
  if (!contentType.startsWith('multipart/mixed;boundary="-"')) return [{ ...JSON.parse(text), hasNext: false }];
  return [...text.matchAll(/\r\n\r\n(\{.*\})\r\n---/g)].map(([, part]) => JSON.parse(part ?? ''));
}

/** Puts an answer together as a client does. */
export function mergeParts(parts: readonly AnswerPart[]): FormattedExecutionResult {
  const [first, ...others] = parts;
  const { data = null, errors: firstErrors = [] } = first ?? {};
  const errors = [...firstErrors];
  const pending = new Map(parts.flatMap((part) => part.pending ?? []).map((each) => [each.id, each.path]));
  for (const { incremental = [], completed = [] } of others) {
    for (const { id = '', path = pending.get(id) ?? [], data: below, errors: own = [] } of incremental) {
      errors.push(...own);
      if (below !== null) merge(at(data, path), below);
    }
    errors.push(...completed.flatMap((each) => each.errors ?? []));
  }
  return errors.length === 0 ? { data } : { data, errors };
}

function at(data: unknown, path: Path): Record<string, unknown> {
  const found = path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], data);
  if (typeof found !== 'object' || found === null) throw new Error(`Nothing was told at ${path.join('.')}`);
  return found as Record<string, unknown>;
}

function merge(target: Record<string, unknown>, source: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(source)) {
    const known = target[key];
    const isObject = typeof known === 'object' && known !== null && typeof value === 'object' && value !== null;
    if (isObject) merge(known as Record<string, unknown>, value as Record<string, unknown>);
    else target[key] = value;
  }
}
