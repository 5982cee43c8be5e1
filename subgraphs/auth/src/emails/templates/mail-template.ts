import type { MailLanguageTag } from '@tessera/service/mail';
import type { MailKind } from '../mail-kinds.js';

/** What a mail may say of a session. */
export type MailFact = 'at' | 'device' | 'address' | 'place' | 'until' | 'reason';

/** What one mail says, in one language. */
export interface MailTemplate {
  readonly subject: string;
  readonly before: readonly string[];
  /** The label of its link. */
  readonly action?: string;
  /** What stands before its code. */
  readonly code?: string;
  /** What it says of a session, each with its label. */
  readonly facts?: readonly (readonly [MailFact, string])[];
  readonly after: readonly string[];
}

export interface MailLanguage {
  readonly tag: MailLanguageTag;
  readonly templates: Readonly<Record<MailKind, MailTemplate>>;
}
