import type { PrepareOptions } from './prepare-operation.js';

/** What an engine runs with. */
export interface EngineOptions extends Omit<
  PrepareOptions,
  'planTimeoutMs' | 'maxExpandedSelections' | 'usesBeforeCode' | 'variants' | 'entityFacts'
> {
  /** How many prepared operations are kept; the least recently used go first. Default 1,000. */
  readonly maxPreparedOperations?: number;
  /** The longest a plan may take. Default 5,000. */
  readonly planTimeoutMs?: number;
  /**
   * The most selections an operation may have once its fragments are spread. Default 5,000: the native planner needs
   * 0.35 s for so many fields side by side, and four times that for twice as many.
   */
  readonly maxExpandedSelections?: number;
  /** How often an operation runs before code of its own is generated for it, for 1 to 2 ms. Default 20. */
  readonly usesBeforeCode?: number;
}
