import type { UsedOperation } from '@tessera/service/operations';
import type { FieldUsageWindow, UseCell } from './field-usage-window.js';

/** The uses of one operation in the window of now: this is what every request goes through. */
export class OperationUses {
  readonly #operation: UsedOperation;
  #window: FieldUsageWindow;
  /** Client's name -> its version -> where it is counted. */
  #cells = new Map<string, Map<string, UseCell>>();
  #isAmongOther = false;

  constructor(operation: UsedOperation, window: FieldUsageWindow) {
    this.#operation = operation;
    this.#window = window;
  }

  /** @param window the one of now: another than the last time begins anew */
  count(window: FieldUsageWindow, clientName: string, clientVersion: string): void {
    if (this.#window !== window) {
      this.#window = window;
      this.#cells = new Map();
      this.#isAmongOther = false;
    }
    const cell = this.#cells.get(clientName)?.get(clientVersion) ?? this.#open(clientName, clientVersion);
    if (cell !== undefined) cell.uses += 1;
    else this.#countAmongOther();
  }

  #open(clientName: string, clientVersion: string): UseCell | undefined {
    const cell = this.#window.open(this.#operation, clientName, clientVersion);
    if (cell === undefined) return undefined;
    const versions = this.#cells.get(clientName);
    if (versions === undefined) this.#cells.set(clientName, new Map([[clientVersion, cell]]));
    else versions.set(clientVersion, cell);
    return cell;
  }

  #countAmongOther(): void {
    this.#window.countOther();
    if (this.#isAmongOther) return;
    this.#isAmongOther = true;
    this.#window.addToOther(this.#operation);
  }
}
