export { FairQueue, type Waiting } from './fair-queue.js';
export { createGate, type ComeBack, type Gate, type GateOptions, type Leave } from './gate.js';
export type { EventLoopSample } from './load-sampler.js';
export { createObservedGate } from './observe-gate.js';
