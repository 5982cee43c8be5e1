export { requestIdFrom } from './request-id.js';
export { continueTrace, formatTraceparent, type TraceContext } from './traceparent.js';
