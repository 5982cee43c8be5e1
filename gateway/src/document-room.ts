import { Worker } from 'node:worker_threads';
import type { GatewayConfig } from './config.js';
import { createDocumentChecks, pickDocumentSettings } from './document-checks.js';
import type { InspectorData } from './inspector-thread.js';
import { createDocumentInspector, type DocumentInspector } from './operations/document-inspector.js';
import { createDocumentStore, type DocumentStore } from './operations/document-store.js';
import type { Supergraph } from './planning/supergraph.js';

/** What room 2 has of one supergraph. */
export interface DocumentRoom {
  readonly store: DocumentStore;
  readonly inspector: DocumentInspector;
}

/** Compiled, from wherever this module runs: a thread's module is not loaded by who starts the thread. */
const inspectorEntry = new URL('../dist/inspector-thread.js', import.meta.url);

/** Makes the store of documents, and the thread that inspects long ones. */
export function createDocumentRoom(config: GatewayConfig, { sdl, publicSchema }: Supergraph): DocumentRoom {
  const workerData: InspectorData = { supergraphSdl: sdl, settings: pickDocumentSettings(config) };
  const inspector = createDocumentInspector({
    openThread: () => new Worker(inspectorEntry, { workerData, env: {}, execArgv: [], stdin: false }),
  });
  const store = createDocumentStore({
    ...createDocumentChecks(config, publicSchema),
    maxDocuments: config.MAX_DOCUMENTS,
    isValidated: (hash) => inspector.hasPassed(hash),
  });
  return { store, inspector };
}
