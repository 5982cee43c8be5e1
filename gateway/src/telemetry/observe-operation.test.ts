import { beforeEach, describe, expect, test } from '@jest/globals';
import { createLogger, type Logger } from '@tessera/service/logging';
import { anonymousPrincipal } from '@tessera/service/identity';
import type { RequestContext } from '../context.js';
import { createOperationObserver } from './observe-operation.js';
import type { OperationMetrics, OperationOutcome } from './operation-metrics.js';

let lines: string[] = [];
let counted = 0;
beforeEach(() => {
  lines = [];
  counted = 0;
});

const context: RequestContext = {
  requestId: 'request',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  beginsTrace: false,
  principal: anonymousPrincipal,
  encodedPrincipal: '',
  clientName: 'unknown',
  clientVersion: 'unknown',
  signal: new AbortController().signal,
};

function aLogger(level = 'info'): Logger {
  return createLogger({ service: 'gateway', level, destination: { write: (line) => void lines.push(line) } });
}

/** Observes a hundred operations; chance takes the values 0, 0.01, 0.02, ... */
function observeHundred(successfulShare: number, outcome: OperationOutcome, logger = aLogger()): number {
  let step = 0;
  const observe = createOperationObserver({
    logger,
    metrics: { operation: () => (counted += 1) } as Partial<OperationMetrics> as OperationMetrics,
    usage: { record: () => undefined },
    counts: { operation: undefined, client: undefined },
    successfulShare,
    random: () => step++ / 100,
  });
  for (let count = 0; count < 100; count += 1) {
    observe({ kind: 'query', operationName: 'Named', outcome, code: undefined, durationMs: 1 }, context);
  }
  return lines.length;
}

describe('of operations without errors', () => {
  test.each([
    [1, 100],
    [0.25, 25],
    [0, 0],
  ])('the share %p is logged, and all are counted', (share, expected) => {
    expect(observeHundred(share, 'ok')).toBe(expected);
    expect(counted).toBe(100);
  });
});

test.each(['refused', 'failed', 'partial'] as const)('every operation that was %s is logged', (outcome) => {
  expect(observeHundred(0, outcome)).toBe(100);
});

test('a level above info logs none', () => {
  expect(observeHundred(1, 'failed', aLogger('warn'))).toBe(0);
  expect(counted).toBe(100);
});
