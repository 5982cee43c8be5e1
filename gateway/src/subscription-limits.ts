import { AppError } from '@tessera/service/errors';
import type { Principal } from '@tessera/service/identity';
import { observeStream } from './telemetry/observe-stream.js';
import type { OperationHandler } from './transport/operation-handler.js';

/** How many subscriptions may be open in this process. */
export interface SubscriptionLimits {
  readonly MAX_SUBSCRIPTIONS: number;
  /** Of one tenant; who is in none is not counted so. */
  readonly MAX_SUBSCRIPTIONS_PER_TENANT: number;
  /** Of one person or service; nobody in particular is not counted so. */
  readonly MAX_SUBSCRIPTIONS_PER_CALLER: number;
}

/** Lets no more subscriptions be open than the limits say, by whatever transport they come. */
export function limitSubscriptions(handler: OperationHandler, limits: SubscriptionLimits): OperationHandler {
  const counts = new Map<string, number>();

  /** @returns gives the place back */
  const take = (principal: Principal): (() => void) => {
    const places = placesOf(principal, limits);
    for (const { key, limit } of places) {
      if ((counts.get(key) ?? 0) >= limit) throw tooMany(key, limit);
    }
    for (const { key } of places) counts.set(key, (counts.get(key) ?? 0) + 1);
    return () => {
      for (const { key } of places) {
        const left = (counts.get(key) ?? 1) - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
      }
    };
  };

  return {
    authenticate: (authorization, clientAddress) => handler.authenticate(authorization, clientAddress),
    async prepare(request, context) {
      const ready = await handler.prepare(request, context);
      if (ready.kind !== 'subscription') return ready;
      return {
        ...ready,
        subscribe(during) {
          const release = take(during.principal);
          try {
            return observeStream(ready.subscribe(during), release);
          } catch (error) {
            release();
            throw error;
          }
        },
      };
    },
  };
}

const everybody = 'everybody';

function placesOf({ kind, userId, tenantId, sessionId }: Principal, limits: SubscriptionLimits) {
  const places = [{ key: everybody, limit: limits.MAX_SUBSCRIPTIONS }];
  if (tenantId !== undefined) places.push({ key: `tenant:${tenantId}`, limit: limits.MAX_SUBSCRIPTIONS_PER_TENANT });
  if (kind !== 'anonymous') {
    const caller = userId ?? `${kind}:${tenantId ?? ''}:${sessionId ?? ''}`;
    places.push({ key: `caller:${caller}`, limit: limits.MAX_SUBSCRIPTIONS_PER_CALLER });
  }
  return places;
}

function tooMany(key: string, limit: number): AppError {
  if (key === everybody) {
    return new AppError('OVERLOADED', 'The gateway holds as many subscriptions as it can', { retryAfterSeconds: 5 });
  }
  return new AppError('RATE_LIMITED', 'Too many subscriptions are open', { details: { limit }, retryAfterSeconds: 5 });
}
