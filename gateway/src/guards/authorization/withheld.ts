import type { FieldNode } from 'graphql';

/** Why a caller may not have a field. */
export interface WithheldReason {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN' };
}

/** The selections of one operation that a caller may not have: they are not fetched, and answered as null with a reason. */
export interface Withheld {
  /** Equal for equal sets over one operation's text: callers with equal rights share a plan. */
  readonly key: string;
  readonly reasons: ReadonlyMap<FieldNode, WithheldReason>;
}

/** What either of them withholds. */
export function joinWithheld(one: Withheld, other: Withheld): Withheld {
  return { key: `${one.key}+${other.key}`, reasons: new Map([...one.reasons, ...other.reasons]) };
}
