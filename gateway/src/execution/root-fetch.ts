import type { FetchNode, FetchRequest, FlattenPath } from '../planning/query-plan.js';
import { compileAsk, variableMembers, type Asked } from './ask.js';
import { compileCollect } from './collect-targets.js';
import { markFailed, placeFault, type LocatedFault } from './failed-field.js';
import { parseFieldTree } from './field-tree.js';
import { copyTree, mergeInto } from './merge.js';
import type { ResultTree } from './result-tree.js';
import { compileRewrites } from './rewrites.js';
import type { CompileOptions, Run, Step } from './run.js';

type RootFetch = FetchRequest & Pick<FetchNode, 'outputRewrites'>;

/** Merges an answer into the objects that it was asked for. */
export type Receive = (run: Run, asked: Asked, targets: readonly ResultTree[]) => void;

/**
 * Compiles a fetch from the root of a subgraph.
 *
 * @param path where its data belongs when not at the root of the result tree
 */
export function compileRootFetch(fetch: RootFetch, path: FlattenPath, options: CompileOptions): Step {
  const ask = compileAsk(fetch, options);
  const collect = compileCollect(path, options.facts);
  const receive = compileReceive(fetch, options);
  return async (run) => {
    const targets: ResultTree[] = [];
    collect(run.tree, targets);
    if (targets.length === 0) return;
    const members = variableMembers(fetch.variableUsages, run.variables);
    receive(run, await ask(run, members.length === 0 ? undefined : `{${members.join(',')}}`), targets);
  };
}

/** Compiles what is done with the answer of a root fetch; an event of a subscription is such an answer too. */
export function compileReceive(fetch: RootFetch, { facts, sharesEntities, nextPosition }: CompileOptions): Receive {
  const position = nextPosition();
  const fields = parseFieldTree(fetch.operation);
  const rewrite = compileRewrites(fetch.outputRewrites, facts);

  function failAll(targets: readonly ResultTree[], faults: readonly LocatedFault[], causes = faults): void {
    for (const target of targets) markFailed(target, fields, { faults, causes, position }, facts);
  }

  return (run, asked, targets) => {
    if ('fault' in asked) {
      failAll(targets, [{ fault: asked.fault, below: [] }]);
      return;
    }
    const { errors } = asked.answer;
    const data = asked.answer.data ?? {};
    const general: LocatedFault[] = [];
    const placed: LocatedFault[] = [];
    for (const error of errors) {
      if (error.path !== undefined && placeFault(data, error.path, error, position, fields)) {
        placed.push({ fault: error, below: [] });
        continue;
      }
      if (asked.answer.data == null) general.push({ fault: error, below: [] });
      else run.unplaced.push({ fault: error, path: error.path, position });
    }
    rewrite?.(data);
    for (const [index, target] of targets.entries()) {
      mergeInto(target, index > 0 && !sharesEntities ? copyTree(data) : data, facts);
    }
    // Emptied by the subgraph: the faults are reported where they arose, or at every field when they name none. What another
    // fetch has brought may end where a field is missing, before that place is reached: then they are told there.
    if (asked.answer.data == null) failAll(targets, general, general.length > 0 ? general : placed);
  };
}
