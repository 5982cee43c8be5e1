import { anonymousPrincipal, encodePrincipal } from '@tessera/service/identity';
import type { Caller } from '../context.js';

/** Who has not said who they are; one for all, and nothing of it is theirs. */
export const anonymousCaller: Caller = Object.freeze({
  principal: anonymousPrincipal,
  encodedPrincipal: encodePrincipal(anonymousPrincipal),
  expiresAtMs: undefined,
  forwardedHeaders: Object.freeze({}),
});
