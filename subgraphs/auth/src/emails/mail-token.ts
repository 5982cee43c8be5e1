import { AppError } from '@tessera/service/errors';
import { z } from 'zod';
import type { Seal } from '../keys/seal.js';
import type { MailPurpose } from './mail-kinds.js';

const contentSchema = z.object({
  accountId: z.uuid(),
  email: z.string(),
  expiresAtMs: z.number(),
  /** When the password was last changed, by the database: a link to reset it is good for that password alone. */
  passwordChangedAt: z.string().optional(),
});

export type MailTokenContent = Readonly<z.infer<typeof contentSchema>>;

/** Tokens in links of mails. They hold what they are about, sealed: nothing of them is stored, here or in a queue. */
export class MailTokens {
  constructor(
    private readonly seal: Seal,
    private readonly now: () => Date = () => new Date(),
  ) {}

  create(purpose: MailPurpose, content: Omit<MailTokenContent, 'expiresAtMs'>, lifetimeMs: number): string {
    const expiresAtMs = this.now().getTime() + lifetimeMs;
    return this.seal.close(JSON.stringify({ ...content, expiresAtMs }), purpose);
  }

  /** @throws AppError `BAD_USER_INPUT`, in the same words for one that is forged, for another purpose or over */
  read(purpose: MailPurpose, token: string): MailTokenContent {
    const content = this.#open(purpose, token);
    if (content === undefined || content.expiresAtMs <= this.now().getTime()) throw linkOver();
    return content;
  }

  #open(purpose: MailPurpose, token: string): MailTokenContent | undefined {
    try {
      return contentSchema.parse(JSON.parse(this.seal.open(token, purpose)));
    } catch {
      return undefined;
    }
  }
}

export function linkOver(): AppError {
  return new AppError('BAD_USER_INPUT', 'The link is not valid any more: ask for another one');
}
