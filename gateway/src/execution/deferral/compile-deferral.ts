import type { DeferredFragment } from '../../planning/defer/deferred-fragments.js';
import { firstPart, type Part } from '../../planning/defer/needs.js';
import type { FetchingNode, SplitPlan } from '../../planning/defer/split-plan.js';
import type { PlanNode } from '../../planning/query-plan.js';
import type { AnswerWriter, FragmentWriter } from '../answer.js';
import { compilePlanNode, inParallel, inSequence } from '../compile-plan.js';
import type { ResultTree } from '../result-tree.js';
import type { CompileOptions, Step } from '../run.js';

/** A deferred fragment that is ready to run. */
export interface CompiledFragment extends DeferredFragment {
  /** Fetches what the first part did not. */
  readonly step: Step;
  readonly writer: FragmentWriter;
  /** Those within it. */
  readonly inner: readonly CompiledFragment[];
}

/** An operation for one choice of what is deferred. */
export interface CompiledDeferral {
  readonly first: Step;
  readonly answer: AnswerWriter;
  /** Those that stand in the first part. */
  readonly fragments: readonly CompiledFragment[];
}

const nothing: Step = () => Promise.resolve();

/** Compiles a split plan: each part of the answer gets a step of its own, and a fetch that several need runs once. */
export function compileDeferral(
  { node, partsOf }: SplitPlan,
  fragments: readonly DeferredFragment[],
  answer: AnswerWriter,
  options: CompileOptions,
): CompiledDeferral {
  const fetches = new Map<FetchingNode, Step>();

  function compileFetch(fetch: FetchingNode): Step {
    const known = fetches.get(fetch);
    if (known !== undefined) return known;
    const step = once(compilePlanNode(fetch, options));
    fetches.set(fetch, step);
    return step;
  }

  function compileFor(part: Part, plan: PlanNode): Step | undefined {
    switch (plan.kind) {
      case 'Sequence':
        return together(inSequence, part, plan.nodes);
      case 'Parallel':
        return together(inParallel, part, plan.nodes);
      case 'Condition': {
        const whenTrue = plan.ifClause == null ? undefined : compileFor(part, plan.ifClause);
        const whenFalse = plan.elseClause == null ? undefined : compileFor(part, plan.elseClause);
        if (whenTrue === undefined && whenFalse === undefined) return undefined;
        return (run) => ((run.variables[plan.condition] === true ? whenTrue : whenFalse) ?? nothing)(run);
      }
      case 'Subscription':
      case 'Defer':
        return undefined;
      default: {
        const parts = partsOf.get(plan) ?? new Set([firstPart]);
        const isWanted = parts.has(part) && (part === firstPart || !parts.has(firstPart));
        return isWanted ? compileFetch(plan) : undefined;
      }
    }
  }

  function together(join: typeof inSequence, part: Part, nodes: readonly PlanNode[]): Step | undefined {
    const steps = nodes.flatMap((child) => compileFor(part, child) ?? []);
    return steps.length === 0 ? undefined : join(steps);
  }

  const compileWithin = (within: Part): CompiledFragment[] =>
    fragments
      .filter((fragment) => fragment.within === within)
      .map((fragment) => ({
        ...fragment,
        step: compileFor(fragment.part, node) ?? nothing,
        writer: answer.fragment(fragment.type, fragment.selectionSet),
        inner: compileWithin(fragment.part),
      }));

  return { first: compileFor(firstPart, node) ?? nothing, answer, fragments: compileWithin(firstPart) };
}

/** Makes a step that runs once for each result tree, whoever asks for it. */
function once(step: Step): Step {
  const runs = new WeakMap<ResultTree, Promise<void>>();
  return (run) => {
    const known = runs.get(run.tree) ?? step(run);
    runs.set(run.tree, known);
    return known;
  };
}
