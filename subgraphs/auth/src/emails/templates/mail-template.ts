import type { MailKind } from '../mail-kinds.js';

/** What one mail says, in one language. */
export interface MailTemplate {
  readonly subject: string;
  readonly before: readonly string[];
  /** The label of its link. */
  readonly action?: string;
  /** What stands before its code. */
  readonly code?: string;
  readonly after: readonly string[];
}

export interface MailLanguage {
  /** BCP 47. */
  readonly tag: string;
  readonly templates: Readonly<Record<MailKind, MailTemplate>>;
}
