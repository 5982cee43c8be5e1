import { AsyncLocalStorage } from 'node:async_hooks';
import type { TracedSpan } from './traced-span.js';

const spans = new AsyncLocalStorage<TracedSpan>();

/** Runs work, and all that it calls, with a span as the parent of what they trace. */
export function withActiveSpan<Result>(span: TracedSpan, work: () => Result): Result {
  return spans.run(span, work);
}

/** The span that the running code belongs to; `undefined` where nothing is traced. */
export function activeSpan(): TracedSpan | undefined {
  return spans.getStore();
}
