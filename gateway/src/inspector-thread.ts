import { parentPort, workerData } from 'node:worker_threads';
import { createDocumentChecks, type DocumentSettings } from './document-checks.js';
import { checkDocument } from './operations/check-document.js';
import { toFinding, type Finding } from './operations/inspection.js';
import { lowerThreadPriority } from './planning/hosts/priority.js';
import { loadSupergraph } from './planning/supergraph.js';

/** What the thread is started with. */
export interface InspectorData {
  readonly supergraphSdl: string;
  readonly settings: DocumentSettings;
}

/** By how much it is weaker than the thread that answers requests; see nice(2). */
const niceness = 10;

lowerThreadPriority(niceness);

const { supergraphSdl, settings } = workerData as InspectorData;
const checks = createDocumentChecks(settings, loadSupergraph(supergraphSdl).publicSchema);

function inspect(source: string): Finding {
  try {
    checkDocument(source, checks);
    return { kind: 'passed' };
  } catch (error) {
    return toFinding(error);
  }
}

parentPort?.on('message', (source: string) => parentPort?.postMessage(inspect(source)));
