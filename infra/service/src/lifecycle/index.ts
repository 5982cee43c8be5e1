export { Lifecycle, type LifecycleOptions, type LifecycleState } from './lifecycle.js';
export { runProcess, type Running } from './run-process.js';
