import type { AnswerGroup } from './answer-group.js';

/** The groups of one stream. Of one key there are several only while some are not yet where the others are. */
export class AnswerGroups implements Iterable<AnswerGroup> {
  readonly #byKey = new Map<string, readonly AnswerGroup[]>();

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  get first(): AnswerGroup | undefined {
    const [groups] = this.#byKey.values();
    return groups?.[0];
  }

  /** One of a key that more may come to. */
  find(key: string, predicate: (group: AnswerGroup) => boolean): AnswerGroup | undefined {
    return this.#byKey.get(key)?.find((group) => !group.isOver && predicate(group));
  }

  add(group: AnswerGroup): void {
    this.#byKey.set(group.key, [...(this.#byKey.get(group.key) ?? []), group]);
  }

  delete(group: AnswerGroup): void {
    const left = this.#byKey.get(group.key)?.filter((other) => other !== group) ?? [];
    if (left.length === 0) this.#byKey.delete(group.key);
    else this.#byKey.set(group.key, left);
  }

  clear(): void {
    this.#byKey.clear();
  }

  *[Symbol.iterator](): Iterator<AnswerGroup> {
    for (const groups of this.#byKey.values()) yield* groups;
  }
}
