import type { GeneratedCode } from './generated-code.js';
import type { PrepareOptions } from './prepare-operation.js';

/** What an engine runs with. */
export interface EngineOptions extends Omit<
  PrepareOptions,
  'planTimeoutMs' | 'maxExpandedSelections' | 'code' | 'variants' | 'entityFacts'
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
  /** What of it outlives the supergraph; of its own by default. */
  readonly generatedCode?: GeneratedCode;
}
