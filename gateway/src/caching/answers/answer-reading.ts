import type { AnswerSources, Recollection } from '../../execution/answer-sources.js';
import type { SubgraphAnswer, SubgraphOperation } from '../../execution/subgraph-client.js';
import type { CachePolicy } from '../policy/cache-policy.js';
import { restrict } from '../policy/cache-policy.js';
import type { FetchReader } from '../policy/fetch-reader.js';
import { TagSet } from '../tags/tag-set.js';

/** Learns, while an operation runs, for how long and for whom its answer is good, and what it tells something about. */
export class AnswerReading implements AnswerSources {
  readonly #fetches: FetchReader;
  readonly #startedAtMs = performance.now();
  readonly #tags = new TagSet();
  #stamp: number | undefined;
  #policy: CachePolicy | undefined;
  #isSound = true;

  /** @param stamp the clock of invalidations from before; undefined where it is not known */
  constructor(fetches: FetchReader, stamp: number | undefined) {
    this.#fetches = fetches;
    this.#stamp = stamp;
  }

  /** Undefined where nothing was asked for. */
  get policy(): CachePolicy | undefined {
    return this.#policy;
  }

  get tags(): readonly string[] {
    return this.#tags.tags;
  }

  /** The clock of the oldest part; undefined where the answer is not to be kept, whatever its policy. */
  get stamp(): number | undefined {
    return this.#isSound ? this.#stamp : undefined;
  }

  fetched(operation: SubgraphOperation, variables: string | undefined, answer: SubgraphAnswer): void {
    // Somebody else's request may have been sent before the clock was read, and so before an invalidation.
    const isOwn = answer.exchange !== undefined && answer.exchange.startedAtMs >= this.#startedAtMs;
    if (answer.errors.length > 0 || !isOwn) this.#isSound = false;
    this.#policy = restrict(this.#policy, this.#fetches.policy(operation, answer));
    if (this.#policy.maxAgeSeconds > 0) this.#fetches.collectTags(operation, variables, answer, this.#tags);
  }

  recalled({ maxAgeSeconds, scope, tags, stamp }: Recollection): void {
    this.#policy = restrict(this.#policy, { maxAgeSeconds, scope, staleSeconds: Number.POSITIVE_INFINITY });
    this.#tags.addAll(tags);
    if (this.#stamp !== undefined) this.#stamp = Math.min(this.#stamp, stamp);
  }
}
