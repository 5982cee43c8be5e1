import { SpanStatusCode, trace, ROOT_CONTEXT, type Attributes, type Span, type Tracer } from '@opentelemetry/api';
import { spanKinds, type SpanOptions } from './tracing.js';
import { formatTraceparent } from './traceparent.js';

/** One timed piece of work, part of a trace. */
export class TracedSpan {
  readonly #tracer: Tracer;
  readonly #span: Span;

  constructor(tracer: Tracer, span: Span) {
    this.#tracer = tracer;
    this.#span = span;
  }

  /** The W3C header that makes another process's spans children of this one. */
  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.#span.spanContext();
    return formatTraceparent({ traceId, spanId, sampled: (traceFlags & 1) === 1 });
  }

  /** Begins a part of this span; whoever begins it ends it. */
  child(name: string, { kind = 'internal', attributes, startTimeMs }: SpanOptions = {}): TracedSpan {
    const options = {
      kind: spanKinds[kind],
      ...(attributes !== undefined && { attributes }),
      ...(startTimeMs !== undefined && { startTime: startTimeMs }),
    };
    const parent = trace.setSpan(ROOT_CONTEXT, this.#span);
    return new TracedSpan(this.#tracer, this.#tracer.startSpan(name, options, parent));
  }

  /** Names the span by what it turned out to be. */
  rename(name: string): void {
    this.#span.updateName(name);
  }

  /** Adds what became known during the work. */
  annotate(attributes: Attributes): void {
    this.#span.setAttributes(attributes);
  }

  /** Marks the work as failed. The code is from the table of errors, or the name of the error's class: never its text. */
  fail(code: string): void {
    this.#span.setAttribute('error.type', code);
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  }

  /** Ends the span; nothing can be added to it any more. */
  end(): void {
    this.#span.end();
  }
}
