import { randomHex } from './random-hex.js';

/** A position in a distributed trace (W3C Trace Context, section 3.2). */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const pattern = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Continues the caller's trace, or begins one where the header is absent or malformed. */
export function continueTrace(traceparent: unknown): TraceContext {
  const match = typeof traceparent === 'string' ? pattern.exec(traceparent) : null;
  const spanId = randomHex(8);
  const traceId = match?.[1];
  if (traceId === undefined || /^0+$/.test(traceId)) {
    return { traceId: randomHex(16), spanId, sampled: true };
  }
  return { traceId, spanId, sampled: (Number.parseInt(match?.[3] ?? '0', 16) & 1) === 1 };
}

/** The header value that hands a trace on. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
