import { AppError } from '../errors/index.js';
import type { Mail } from './mailer.js';

const addressShape = /^[^\s@<>,;:"]{1,64}@[^\s@<>,;:"]{1,255}$/u;

/**
 * Refuses what could reach somebody else than meant: a second address in `to`, or a line break that starts a header.
 *
 * @throws AppError `BAD_USER_INPUT`
 */
export function assertMail({ id, to, subject }: Mail): void {
  if (id !== undefined && !/^[\w-]{1,64}$/.test(id)) throw new AppError('BAD_USER_INPUT', 'Mail id is not valid');
  if (!addressShape.test(to)) throw new AppError('BAD_USER_INPUT', 'Mail address is not a single valid address');
  if (/[\r\n]/.test(subject)) throw new AppError('BAD_USER_INPUT', 'Mail subject has more than one line');
}
