import type { AnswerSources } from '../../execution/answer-sources.js';
import type { SubgraphAnswer, SubgraphOperation } from '../../execution/subgraph-client.js';
import type { FetchReader } from '../policy/fetch-reader.js';
import type { TagSink } from '../tags/tag-set.js';

/** Learns, while a mutation runs, which entities it answers: they are what it has changed. */
export class ChangesByMutation implements AnswerSources, TagSink {
  readonly #fetches: FetchReader;
  readonly #tags = new Set<string>();

  constructor(fetches: FetchReader) {
    this.#fetches = fetches;
  }

  get tags(): readonly string[] {
    return [...this.#tags];
  }

  fetched(operation: SubgraphOperation, variables: string | undefined, answer: SubgraphAnswer): void {
    if (operation.kind === 'mutation') this.#fetches.collectTags(operation, variables, answer, this);
  }

  recalled(): void {
    // What comes from a memory was not changed.
  }

  add(): void {
    // That a type is among the answer does not say that all of it has changed.
  }

  addEntity(tag: string, unnamed: string): void {
    this.#tags.add(tag).add(unnamed);
  }
}
