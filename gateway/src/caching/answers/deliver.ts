import type { FormattedExecutionResult } from 'graphql';
import { delivery, type AnswerDelivery, type DeliveredAnswer } from '../../transport/answer-delivery.js';
import { publicNames } from '../tags/tag-names.js';
import { ageOf, type KeptAnswer } from './kept-answer.js';

/** Where an answer came from: `miss`, it was asked for; `stale`, it is being asked for again. */
export type AnswerOrigin = 'hit' | 'stale' | 'miss';

export interface DeliveryOptions {
  /** Names of headers that subgraphs get as they came, in small letters. */
  readonly forwardedNames: readonly string[];
  /** What tells a cache before the gateway by which names it may purge an answer. */
  readonly tagHeader: 'surrogate-key' | 'cache-tag' | undefined;
  /** Whether `x-cache` says where an answer came from. */
  readonly namesOrigin: boolean;
}

/** Says how a kept answer travels to a client. */
export type DescribeDelivery = (
  kept: KeptAnswer,
  tags: readonly string[],
  origin: AnswerOrigin,
  nowMs: number,
) => AnswerDelivery;

interface LastDescription {
  readonly age: number;
  readonly origin: AnswerOrigin;
  readonly description: AnswerDelivery;
}

/** Longer headers are cut: caches before the gateway take 16 KB at most, all headers together. */
const maxTagCharacters = 6_000;

/** Creates what describes deliveries. */
export function createDescribeDelivery(options: DeliveryOptions): DescribeDelivery {
  const { forwardedNames, tagHeader, namesOrigin } = options;
  const vary = forwardedNames.filter((name) => name !== 'authorization').join(', ');
  const varyPrivate = vary === '' ? 'authorization' : `authorization, ${vary}`;
  const separator = tagHeader === 'cache-tag' ? ',' : ' ';
  /** Within one second it is the same for all. */
  const lastOf = new WeakMap<KeptAnswer, LastDescription>();
  const tagTexts = new WeakMap<readonly string[], string>();

  function tagText(tags: readonly string[]): string {
    const known = tagTexts.get(tags);
    if (known !== undefined) return known;
    const text = joinNames(publicNames(tags), separator);
    tagTexts.set(tags, text);
    return text;
  }

  function makeDescription(
    kept: KeptAnswer,
    tags: readonly string[],
    origin: AnswerOrigin,
    age: number,
  ): AnswerDelivery {
    const { maxAgeSeconds, staleSeconds, scope } = kept.policy;
    const stale = staleSeconds > 0 ? `, stale-while-revalidate=${staleSeconds}` : '';
    const headers: Record<string, string> = { 'cache-control': `${scope}, max-age=${maxAgeSeconds}${stale}` };
    if (origin !== 'miss') headers['age'] = String(age);
    if (tagHeader !== undefined && scope === 'public') headers[tagHeader] = tagText(tags);
    if (namesOrigin) headers['x-cache'] = origin;
    return { headers, vary: scope === 'public' ? vary : varyPrivate, body: kept.body, etag: kept.etag };
  }

  return (kept, tags, origin, nowMs) => {
    const age = ageOf(kept, nowMs);
    const last = lastOf.get(kept);
    if (last?.age === age && last.origin === origin) return last.description;
    const description = makeDescription(kept, tags, origin, age);
    lastOf.set(kept, { age, origin, description });
    return description;
  };
}

/** Makes the answer that a client gets of a kept one. */
export function deliverKept(kept: KeptAnswer, description: AnswerDelivery): DeliveredAnswer {
  let data: DeliveredAnswer['data'];
  return {
    // Over HTTP nobody looks at it: the bytes go out as they are.
    get data() {
      data ??= (JSON.parse(String(kept.body)) as FormattedExecutionResult).data ?? null;
      return data;
    },
    [delivery]: description,
  };
}

/** Types and subgraphs' own names first, which name more than one entity each. */
function joinNames(names: readonly string[], separator: string): string {
  let text = '';
  for (const name of [...names].sort((one, other) => Number(one.includes(':')) - Number(other.includes(':')))) {
    if (text.length + name.length > maxTagCharacters) break;
    text += text === '' ? name : `${separator}${name}`;
  }
  return text;
}
