import { Worker } from 'node:worker_threads';
import { threadProcessorMs } from '../../operations/thread-time.js';
import type { HostLink, HostListener } from './host-link.js';
import type { HostReply } from './host-messages.js';

/** What a host may take before it is ended: enough for supergraphs of thousands of types. */
const resourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 };

/** What a host's thread is started with. */
export interface ThreadHostData {
  readonly niceness: number;
  /** Milliseconds of processor time after which a plan ends itself, where its planner can; undefined: never. */
  readonly maxPlanProcessorMs: number | undefined;
}

/**
 * Starts a host in a thread of this process: enough for JavaScript, which ends wherever it is when its thread does.
 *
 * @param entry the host's compiled module
 * @param niceness by how much it is weaker than other threads; its module reads it from `workerData`
 * @param maxPlanProcessorMs see {@link ThreadHostData}
 */
export function openThreadHost(
  entry: URL,
  listener: HostListener,
  niceness = 0,
  maxPlanProcessorMs?: number,
): HostLink {
  const workerData: ThreadHostData = { niceness, maxPlanProcessorMs };
  const worker = new Worker(entry, { resourceLimits, workerData, execArgv: [], env: {}, stdin: false });
  let reason = 'its thread ended';
  worker.on('message', (reply: HostReply) => listener.reply(reply));
  worker.on('error', (error) => {
    reason = error instanceof Error ? error.message : String(error);
  });
  worker.on('exit', () => listener.ended(reason));
  worker.unref();
  return {
    post: (request) => worker.postMessage(request),
    hold: () => worker.ref(),
    release: () => worker.unref(),
    processorMs: () => threadProcessorMs(worker),
    kill() {
      worker.ref();
      void worker.terminate();
    },
  };
}
