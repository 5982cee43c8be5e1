import { AppError } from '@tessera/service/errors';
import type { Principal } from '@tessera/service/identity';
import { observeStream } from './telemetry/observe-stream.js';
import type { OperationHandler } from './transport/operation-handler.js';
import { Places } from './transport/places.js';

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
  const { MAX_SUBSCRIPTIONS_PER_CALLER: perCaller, MAX_SUBSCRIPTIONS_PER_TENANT: perTenant } = limits;
  const places = new Places({ what: 'subscriptions', perCaller, perTenant });
  let open = 0;

  const take = (principal: Principal): void => {
    if (open >= limits.MAX_SUBSCRIPTIONS) {
      throw new AppError('OVERLOADED', 'The gateway holds as many subscriptions as it can', { retryAfterSeconds: 5 });
    }
    places.assertRoom(principal);
    places.take(principal);
    open += 1;
  };
  /** Made here, so that nothing else of the operation is held as long as the place is taken. */
  const createRelease = (principal: Principal) => (): void => {
    open -= 1;
    places.giveBack(principal);
  };

  return {
    authenticate: (authorization, clientAddress) => handler.authenticate(authorization, clientAddress),
    async prepare(request, context) {
      const ready = await handler.prepare(request, context);
      if (ready.kind !== 'subscription') return ready;
      return {
        ...ready,
        subscribe(during) {
          take(during.principal);
          const release = createRelease(during.principal);
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
