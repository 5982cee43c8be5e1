import { everythingTag, unnamedTagOf } from './tag-names.js';

/** More entities than this are named by their type alone: each tag costs at every read from the shared store. */
const maxEntityTags = 200;

/** Takes the tags of what somebody reads. */
export interface TagSink {
  add(tag: string): void;
  /** @param unnamed what stands for the entity, and for all others of its kind */
  addEntity(tag: string, unnamed: string): void;
}

/** The tags of one answer, bounded: where there are too many entities, they are not told apart. */
export class TagSet implements TagSink {
  readonly #tags = new Set([everythingTag]);
  #entities = 0;

  get tags(): readonly string[] {
    return [...this.#tags];
  }

  add(tag: string): void {
    this.#tags.add(tag);
  }

  addEntity(tag: string, unnamed: string): void {
    if (this.#tags.has(tag)) return;
    this.#tags.add(this.#entities < maxEntityTags ? tag : unnamed);
    this.#entities += 1;
  }

  /** Takes over the tags of a part. */
  addAll(tags: readonly string[]): void {
    for (const tag of tags) {
      const unnamed = unnamedTagOf(tag);
      if (unnamed === undefined) this.#tags.add(tag);
      else this.addEntity(tag, unnamed);
    }
  }
}
