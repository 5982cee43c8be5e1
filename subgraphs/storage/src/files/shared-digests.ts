import { objectPath } from '../object-store/object-path.js';
import type { ObjectDigest, ObjectKey, ObjectStore } from '../object-store/object-store.js';

const defaultMaxKept = 1_000;

/**
 * Digests of objects: whoever asks for one that is being read waits for the same reading. Large objects take longer than callers
 * wait, and who asks again must neither make the store read it anew nor wait from the beginning.
 *
 * An object never changes, so a digest stays true; the last ones are kept.
 */
export class SharedDigests {
  readonly #digests = new Map<string, Promise<ObjectDigest>>();

  constructor(
    private readonly store: Pick<ObjectStore, 'digest'>,
    private readonly maxKept: number = defaultMaxKept,
  ) {}

  /** @throws what the store says; whoever asks after that has it read anew */
  of(key: ObjectKey): Promise<ObjectDigest> {
    const path = objectPath(key);
    const known = this.#digests.get(path);
    if (known !== undefined) return known;
    const digest = this.store.digest(key);
    this.#digests.set(path, digest);
    digest.catch(() => this.#digests.delete(path));
    const [oldest] = this.#digests.keys();
    if (this.#digests.size > this.maxKept && oldest !== undefined) this.#digests.delete(oldest);
    return digest;
  }
}
