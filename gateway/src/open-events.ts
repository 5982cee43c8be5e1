import type { SourceOperation } from './authorized-engine.js';
import type { RequestContext } from './context.js';
import type { PreparedOperation } from './execution/prepared-operation.js';
import type { Admission } from './guards/admit-operation.js';
import { withoutSuggestions } from './guards/suggestions.js';
import type { LiveServices } from './guards/tenants/live-services.js';
import type { PolicyGuard } from './guards/tenants/policy-guard.js';
import type { ServiceGuard } from './guards/tenants/service-guard.js';
import type { Subscriptions } from './subscriptions/subscriptions.js';
import { observeStream } from './telemetry/observe-stream.js';
import { readBeginning } from './transport/last-event-id.js';
import type { AnswerStream } from './transport/operation-handler.js';
import type { OperationRequest } from './transport/operation-request.js';

export interface OpenEventsOptions {
  readonly subscriptions: Subscriptions;
  readonly admission: Admission;
  /** All undefined where nothing is known of tenants. */
  readonly services: ServiceGuard | undefined;
  readonly live: LiveServices | undefined;
  readonly policyGuard: PolicyGuard | undefined;
}

/** What shows which services a subscription needs. */
export type WatchedSource = Pick<SourceOperation, 'document' | 'operation'>;

/** A subscription that may be opened. */
export interface OpenableSubscription {
  readonly prepared: PreparedOperation;
  readonly source: WatchedSource;
  readonly request: OperationRequest;
}

/** Opens the events of a subscription; they end with its service, too, and with the right to act in its tenant. */
export function createOpenEvents(options: OpenEventsOptions) {
  const { subscriptions, admission, services, live, policyGuard } = options;
  const open = ({ prepared, request }: OpenableSubscription, context: RequestContext): AnswerStream => {
    try {
      return subscriptions.open(prepared, request.variables, context, readBeginning(request.extensions));
    } catch (error) {
      throw admission.mayIntrospect(context.principal) ? error : withoutSuggestions(error);
    }
  };

  return (subscription: OpenableSubscription, context: RequestContext): AnswerStream => {
    const { document, operation } = subscription.source;
    const watched = live?.watch(context, {
      endOf: (facts) => policyGuard?.refusalOf(context, facts) ?? services?.endOf(document, operation, facts),
      askAgainAtMs: (facts) => policyGuard?.endsAtMs(context, facts),
    });
    if (watched === undefined) return open(subscription, context);
    try {
      return observeStream(open(subscription, watched.context), watched.stop);
    } catch (error) {
      watched.stop();
      throw error;
    }
  };
}
