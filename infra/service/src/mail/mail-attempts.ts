import { AppError } from '../errors/index.js';

/** How often a job tries to hand a mail over: for about a day, for a mail server may be away for a night. */
export const mailRetryLimit = 300;

/** Whether the mail itself was refused: sent again it would be refused again, and the server would think the less of us. */
export function isRefusedMail(error: unknown): boolean {
  return error instanceof AppError && error.code === 'BAD_USER_INPUT';
}
