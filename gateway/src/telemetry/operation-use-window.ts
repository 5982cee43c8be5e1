import { maxUsesOfReport, type OperationUse } from '@tessera/service/operations';

/** Rows of unregistered operations in one report: who sends a new text each time gets no more. */
const maxUnlisted = 200;
/** What a row beyond the bounds is counted under. */
const other = 'other';

/** What tells one use from another: the operation, and the client with its version. */
export type CountedUse = Omit<OperationUse, 'uses'>;

/** What clients used since the last report that got through; bounded, whatever they call themselves and their operations. */
export class OperationUseWindow {
  readonly #uses = new Map<string, OperationUse>();
  #unlisted = 0;

  get isEmpty(): boolean {
    return this.#uses.size === 0;
  }

  /** @param key tells one use from another; made by the caller, who may know it already */
  record(key: string, use: CountedUse, times = 1): void {
    const known = this.#uses.get(key);
    if (known !== undefined) {
      known.uses += times;
      return;
    }
    const isFull = this.#uses.size >= maxUsesOfReport - 2 || (!use.isListed && this.#unlisted >= maxUnlisted);
    if (!isFull) {
      if (!use.isListed) this.#unlisted += 1;
      this.#uses.set(key, { ...use, uses: times });
      return;
    }
    const beyond = { clientName: other, clientVersion: other, operationId: other, operationName: other };
    const rest = this.#uses.get(`${other} ${use.isListed}`);
    if (rest === undefined) this.#uses.set(`${other} ${use.isListed}`, { ...use, ...beyond, uses: times });
    else rest.uses += times;
  }

  /** Takes over what a report that was not accepted would have said. */
  merge(unreported: OperationUseWindow): void {
    for (const [key, { uses, ...use }] of unreported.#uses) this.record(key, use, uses);
  }

  toUses(): OperationUse[] {
    return [...this.#uses.values()];
  }
}
