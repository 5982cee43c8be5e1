export { activeSpan, withActiveSpan } from './active-span.js';
export { requestIdFrom } from './request-id.js';
export { startTracing, type StartTracingOptions, type TracingConfig } from './start-tracing.js';
export type { TracedSpan } from './traced-span.js';
export { beginTrace, formatTraceparent, parseTraceparent, type TraceContext } from './traceparent.js';
export type { SpanOptions, Tracing } from './tracing.js';
