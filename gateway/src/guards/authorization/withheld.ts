import type { FieldNode } from 'graphql';

/** Why a caller may not have a field. */
export interface WithheldReason {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>> & {
    readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN' | 'SERVICE_DISABLED';
  };
}

/** The selections of one operation that a caller may not have: they are not fetched, and answered as null with a reason. */
export interface Withheld {
  /** Equal for equal sets over one operation's text: callers with equal rights share a plan. */
  readonly key: string;
  readonly reasons: ReadonlyMap<FieldNode, WithheldReason>;
  /** The fields of the operation's root, withheld or not. */
  readonly rootFields: ReadonlySet<FieldNode>;
}

/** What either of them withholds. */
export function joinWithheld(one: Withheld, other: Withheld): Withheld {
  return { ...one, key: `${one.key}+${other.key}`, reasons: new Map([...one.reasons, ...other.reasons]) };
}

/** What of it stands at the operation's root, or below. */
export function partOf(withheld: Withheld, part: 'root' | 'below'): Withheld | undefined {
  const isPart = (field: FieldNode): boolean => withheld.rootFields.has(field) === (part === 'root');
  const reasons = new Map([...withheld.reasons].filter(([field]) => isPart(field)));
  return reasons.size === 0 ? undefined : { ...withheld, key: `${part} ${withheld.key}`, reasons };
}
