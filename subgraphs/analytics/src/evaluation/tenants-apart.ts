/**
 * Tenants that are evaluated alone, because a group with them failed. Who has not had a turn since goes first: of a group
 * that failed most are innocent.
 */
export class TenantsApart {
  /** The pass in which each had its last turn, in the order of these turns; none yet where undefined. */
  readonly #lastTurns = new Map<string, number | undefined>();
  #pass = 0;

  has(tenantId: string): boolean {
    return this.#lastTurns.has(tenantId);
  }

  add(tenantIds: readonly string[]): void {
    for (const tenantId of tenantIds) this.#lastTurns.set(tenantId, undefined);
  }

  delete(tenantId: string): void {
    this.#lastTurns.delete(tenantId);
  }

  /** Begins a pass, in which each has one turn. */
  beginPass(): void {
    this.#pass += 1;
  }

  /** Takes the next turn of this pass. @returns undefined when all have had theirs */
  takeTurn(): string | undefined {
    const tenantId = this.#next();
    if (tenantId === undefined) return undefined;
    this.#lastTurns.delete(tenantId);
    this.#lastTurns.set(tenantId, this.#pass);
    return tenantId;
  }

  #next(): string | undefined {
    let known: string | undefined;
    for (const [tenantId, lastTurn] of this.#lastTurns) {
      if (lastTurn === undefined) return tenantId;
      if (lastTurn < this.#pass) known ??= tenantId;
    }
    return known;
  }
}
