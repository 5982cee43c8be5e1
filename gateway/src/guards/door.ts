import { anonymousPrincipal } from '@tessera/service/identity';
import type { Gate } from '@tessera/service/overload';
import type { ClientSide } from '../transport/request-context.js';
import type { Authenticate } from './authenticate.js';
import { shareOf } from './pass-gate.js';
import type { RateLimits } from './rate-limits/rate-limits.js';

/**
 * Sends a request away before it is read, where that is certain to happen anyway.
 *
 * @throws AppError `OVERLOADED` or `RATE_LIMITED`
 */
export type Door = (authorization: string | undefined, client: DoorClient) => void;

/** Who stands at the door. */
export interface DoorClient extends ClientSide {
  /** How long they may have waited to be let in to it. */
  readonly waitedMs: number;
}

export interface DoorOptions {
  readonly gate: Gate | undefined;
  readonly rateLimits: RateLimits | undefined;
  readonly authenticate: Authenticate;
}

/** @returns undefined where nobody is ever sent away */
export function createDoor({ gate, rateLimits, authenticate }: DoorOptions): Door | undefined {
  if (gate === undefined && rateLimits === undefined) return undefined;
  // Whose token is not known yet shares what is there for strangers, as whoever makes tokens up should.
  const shareBehind = (authorization: string | undefined): string =>
    shareOf(authenticate.remembered?.(authorization ?? '')?.principal ?? anonymousPrincipal);

  return (authorization, client) => {
    if (authorization === undefined) rateLimits?.assertNotSpent({ ...client, principal: anonymousPrincipal });
    gate?.assertOpen(() => shareBehind(authorization), client.waitedMs);
  };
}
