import type { Worker } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import { toRefusal, type Finding } from './inspection.js';
import { threadProcessorMs } from './thread-time.js';

export interface DocumentInspectorOptions {
  /** Starts a thread that answers each text with a {@link Finding}, one after the other. */
  readonly openThread: () => Worker;
  /** Texts that are shorter are not worth the way. Default 4,096: they take a millisecond at most. */
  readonly minCharacters?: number;
  /** The longest that one text may take, the start of the thread included. Default 700. */
  readonly maxInspectionMs?: number;
  /** How long a thread that nobody needs is kept. Default 60,000. */
  readonly maxIdleMs?: number;
}

/**
 * Checks long texts in a thread of its own: what some of them take to parse and to validate would be time in which nobody
 * else is answered. Those that passed need only be parsed once more.
 */
export interface DocumentInspector {
  /** Resolves for a text that may be stored, at once for a short one. @param hash its SHA-256 @throws OperationRefusal or AppError */
  inspect(source: string, hash: string): Promise<void>;
  /** Whether the text with this hash has passed. */
  hasPassed(hash: string): boolean;
  close(): Promise<void>;
}

interface Task {
  readonly source: string;
  resolve(finding: Finding): void;
}

const maxWaiting = 100;

/** How much of its time a text must really have taken before it is refused for that, and how many times it may take by the clock. */
const spentShare = 0.5;
const patience = 10;
const recheckMs = 50;
const maxFindings = 2_000;
const late = overloaded('Operation could not be inspected in time');
const tooMany = overloaded('Too many operations are being inspected');

/** Creates an inspector; its thread starts with the first long text. */
export function createDocumentInspector(options: DocumentInspectorOptions): DocumentInspector {
  const { openThread, minCharacters = 4_096, maxInspectionMs = 700, maxIdleMs = 60_000 } = options;
  const findings = new LRUCache<string, Finding>({ max: maxFindings });
  const underWay = new Map<string, Promise<Finding>>();
  const waiting: Task[] = [];
  let thread: Worker | undefined;
  let current: Task | undefined;
  let timer: NodeJS.Timeout | undefined;

  function open(): Worker {
    const opened = openThread();
    // An answer is awaited by a request, which keeps the process alive by itself.
    opened.unref();
    opened.on('message', (finding: Finding) => settle(finding));
    opened.on('error', () => leave(opened));
    opened.on('exit', () => leave(opened));
    return opened;
  }

  function leave(left: Worker): void {
    if (left !== thread) return;
    thread = undefined;
    settle(late);
  }

  function end(): void {
    const ending = thread;
    thread = undefined;
    void ending?.terminate();
  }

  function settle(finding: Finding): void {
    clearTimeout(timer);
    const settled = current;
    current = undefined;
    settled?.resolve(finding);
    next();
  }

  function next(): void {
    current = waiting.shift();
    if (current === undefined) {
      timer = setTimeout(end, maxIdleMs).unref();
      return;
    }
    thread ??= open();
    thread.postMessage(current.source);
    watch(thread, current, threadProcessorMs(thread));
  }

  /** Ends a thread that runs for too long at one text. One that the machine gives no time to is waited for, up to a limit. */
  function watch(
    watched: Worker,
    task: Task,
    spentBefore: Promise<number | undefined>,
    waitedMs = maxInspectionMs,
  ): void {
    const judge = async (): Promise<void> => {
      const [before = 0, now = Infinity] = await Promise.all([spentBefore, threadProcessorMs(watched)]);
      if (current !== task) return;
      if (now - before < maxInspectionMs * spentShare && waitedMs < maxInspectionMs * patience) {
        watch(watched, task, spentBefore, waitedMs + recheckMs);
      } else {
        end();
        settle(late);
      }
    };
    timer = setTimeout(() => void judge(), waitedMs === maxInspectionMs ? maxInspectionMs : recheckMs);
  }

  async function ask(source: string, hash: string): Promise<Finding> {
    if (waiting.length >= maxWaiting) return tooMany;
    const { promise, resolve } = Promise.withResolvers<Finding>();
    waiting.push({ source, resolve });
    if (current === undefined) {
      clearTimeout(timer);
      next();
    }
    const finding = await promise;
    if (finding.kind !== 'failed' || finding.code !== 'OVERLOADED') findings.set(hash, finding);
    return finding;
  }

  return {
    hasPassed: (hash) => findings.get(hash)?.kind === 'passed',
    async inspect(source, hash) {
      if (source.length < minCharacters) return;
      let asked = underWay.get(hash);
      if (asked === undefined && !findings.has(hash)) {
        asked = ask(source, hash).finally(() => underWay.delete(hash));
        underWay.set(hash, asked);
      }
      const finding = findings.get(hash) ?? (await asked);
      if (finding !== undefined && finding.kind !== 'passed') throw toRefusal(finding);
    },
    async close() {
      clearTimeout(timer);
      for (const { resolve } of waiting.splice(0)) resolve(late);
      const closing = thread;
      thread = undefined;
      current?.resolve(late);
      current = undefined;
      await closing?.terminate();
    },
  };
}

function overloaded(message: string): Finding {
  return { kind: 'failed', code: 'OVERLOADED', message, retryAfterSeconds: 1 };
}
