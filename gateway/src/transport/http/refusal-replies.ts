import type { AppError } from '@tessera/service/errors';
import { formatAppError } from '../operation-refusal.js';
import { replyOnce, type HttpReply } from './http-reply.js';
import type { ResponseMediaType } from './negotiate.js';

/** A reply but for the id of its request, which stands between two texts. */
interface Template {
  readonly reply: HttpReply;
  readonly before: string;
  readonly after: string;
}

/** Stands where the id of a request will; no text has it by itself. */
const placeholder = '\u{f8ff}id\u{f8ff}';

/**
 * Replies to errors that are made once and met often, as those of overload are: put together once for each, since then most
 * requests end in one.
 */
export class RefusalReplies {
  readonly #templates = new WeakMap<AppError, Map<ResponseMediaType, Template>>();

  /** @param requestId of letters, digits and `.:/+=-_`, which JSON writes as they are */
  replyTo(error: AppError, mediaType: ResponseMediaType, requestId: string): HttpReply {
    const { reply, before, after } = this.#templateOf(error, mediaType);
    return { ...reply, body: before + requestId + after };
  }

  #templateOf(error: AppError, mediaType: ResponseMediaType): Template {
    let ofError = this.#templates.get(error);
    if (ofError === undefined) this.#templates.set(error, (ofError = new Map()));
    let template = ofError.get(mediaType);
    if (template === undefined) ofError.set(mediaType, (template = makeTemplate(error, mediaType)));
    return template;
  }
}

function makeTemplate(error: AppError, mediaType: ResponseMediaType): Template {
  const once = replyOnce({ errors: [formatAppError(error, placeholder)] }, mediaType);
  const [before = '', after = ''] = String(once.body).split(placeholder);
  return { reply: { ...once, status: error.traits.httpStatus }, before, after };
}
