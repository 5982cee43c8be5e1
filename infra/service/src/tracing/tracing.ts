import { ROOT_CONTEXT, SpanKind, trace, type Attributes, type Tracer } from '@opentelemetry/api';
import { TracedSpan } from './traced-span.js';
import { parseTraceparent } from './traceparent.js';

export const spanKinds = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;

export interface SpanOptions {
  /** `server` answers another process, `client` asks one; default `internal`. */
  readonly kind?: keyof typeof spanKinds;
  /** Names by OpenTelemetry's semantic conventions where there are some; no values that callers chose. */
  readonly attributes?: Attributes;
  /** Milliseconds since 1970, for work that is over already; default now. */
  readonly startTimeMs?: number;
}

/** Begins the traces of one service. */
export class Tracing {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /**
   * Begins this service's part of a trace, as a child of the caller's span.
   *
   * @param traceparent the caller's header (W3C Trace Context, section 3.2); a new trace begins without a valid one
   */
  begin(name: string, traceparent: unknown, { kind = 'server', attributes }: SpanOptions = {}): TracedSpan {
    const caller = parseTraceparent(traceparent);
    const context =
      caller === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, {
            traceId: caller.traceId,
            spanId: caller.spanId,
            traceFlags: caller.sampled ? 1 : 0,
            isRemote: true,
          });
    const options = { kind: spanKinds[kind], ...(attributes !== undefined && { attributes }) };
    return new TracedSpan(this.#tracer, this.#tracer.startSpan(name, options, context));
  }
}
