import { otherUses, type FieldUse, type UsedOperation } from '@tessera/service/operations';

/** How often one client in one version used one operation in this window. */
export interface UseCell {
  readonly operation: UsedOperation;
  readonly clientName: string;
  readonly clientVersion: string;
  uses: number;
}

/** Cells of one window; what is used beyond them is counted together. */
const maxCells = 5_000;

/**
 * What clients used since the last report. It is bounded, whatever clients call themselves and whatever they ask for: what
 * is too much is counted as one operation of one client, which needs everything that those operations need. Nothing that
 * is used is ever told to be unused.
 */
export class FieldUsageWindow {
  readonly #cells: UseCell[] = [];
  readonly #otherCoordinates = new Set<string>();
  #otherUses = 0;

  /** @param mayDescribe whether there is room to tell analytics about an operation, if it has to be told */
  constructor(private readonly mayDescribe: (operation: UsedOperation) => boolean) {}

  /**
   * A cell to count in, undefined where there is no room for one. Who asks keeps it: asking twice makes two, which are
   * added up later.
   */
  open(operation: UsedOperation, clientName: string, clientVersion: string): UseCell | undefined {
    if (this.#cells.length >= maxCells || !this.mayDescribe(operation)) return undefined;
    const cell = { operation, clientName, clientVersion, uses: 0 };
    this.#cells.push(cell);
    return cell;
  }

  /** Says what those need who are counted together; once for each operation is enough. */
  addToOther({ coordinates }: UsedOperation): void {
    for (const coordinate of coordinates) this.#otherCoordinates.add(coordinate);
  }

  countOther(): void {
    this.#otherUses += 1;
  }

  /** What was used, with the operations by their keys. */
  toUses(): { readonly uses: readonly FieldUse[]; readonly operations: ReadonlyMap<string, UsedOperation> } {
    const cells = this.#otherUses === 0 ? this.#cells : [...this.#cells, this.#toOther()];
    return {
      uses: cells.map(({ operation: { key }, ...use }) => ({ key, ...use })),
      operations: new Map(cells.map(({ operation }) => [operation.key, operation])),
    };
  }

  #toOther(): UseCell {
    const names = { operationId: otherUses, operationName: otherUses };
    const operation = { key: otherUses, ...names, coordinates: [...this.#otherCoordinates] };
    return { operation, clientName: otherUses, clientVersion: otherUses, uses: this.#otherUses };
  }
}
