import { AppError } from '@tessera/service/errors';
import { anonymousCaller } from './anonymous-caller.js';
import type { Authenticate } from './authenticate.js';

/** Where nobody is authenticated here: whatever the client says about itself is for the subgraphs to judge. */
export function createForwarding(): Authenticate {
  return (authorization) => {
    if (authorization === undefined) return anonymousCaller;
    // A socket's `connection_init` may bring what no HTTP header can hold.
    if (!/^[\t\x20-\x7e]*$/.test(authorization)) {
      throw new AppError('UNAUTHENTICATED', 'Authorization must be the value of a header');
    }
    return { ...anonymousCaller, forwardedHeaders: { authorization } };
  };
}
