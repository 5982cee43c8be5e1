type CallsOfTenant = ReadonlyMap<string, number>;

/** People of one tenant in one report; see `tenantUsageSchema`. */
const maxPeopleOfTenant = 1_000;
/** People of all tenants, some 10 MB. */
const maxPeople = 50_000;

/** How often people called in which tenant since that was told last. Of more people than there is room for, the rest is not counted. */
export class PeopleCalls {
  #tenants = new Map<string, Map<string, number>>();
  #people = 0;
  #isFull = false;

  /** Whether somebody may have found no room: what there is had better be told now. */
  get isFull(): boolean {
    return this.#isFull;
  }

  count(tenantId: string, userId: string): void {
    let calls = this.#tenants.get(tenantId);
    if (calls === undefined) {
      calls = new Map();
      this.#tenants.set(tenantId, calls);
    }
    const known = calls.get(userId);
    if (known === undefined && !this.#makeRoom(calls)) return;
    calls.set(userId, (known ?? 0) + 1);
  }

  /** What was counted, to be told; it begins at nothing again. */
  take(): ReadonlyMap<string, CallsOfTenant> {
    const taken = this.#tenants;
    this.#tenants = new Map();
    this.#people = 0;
    this.#isFull = false;
    return taken;
  }

  #makeRoom({ size }: CallsOfTenant): boolean {
    const hasRoom = size < maxPeopleOfTenant && this.#people < maxPeople;
    if (hasRoom) this.#people += 1;
    this.#isFull ||= size + 1 >= maxPeopleOfTenant || this.#people >= maxPeople;
    return hasRoom;
  }
}
