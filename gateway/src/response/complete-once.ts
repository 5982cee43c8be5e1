import type { Complete } from './project-object.js';
import { reportedNull } from './projection-state.js';

/**
 * Completes a list of objects once, however often it stands in the result tree: equal entities share their lists there,
 * and so does the answer then. A list with a fault is completed in each place, for the fault is reported there.
 */
export function completeOnce(complete: Complete): Complete {
  const identity = {};
  return (value, state) => {
    if (!Array.isArray(value) || value.length === 0) return complete(value, state);
    let lists = state.completed.get(identity);
    if (lists === undefined) state.completed.set(identity, (lists = new Map()));
    const known = lists.get(value);
    if (known !== undefined) return known;
    const faults = state.errors.length;
    const list = complete(value, state);
    if (list !== reportedNull && state.errors.length === faults) lists.set(value, list);
    return list;
  };
}
