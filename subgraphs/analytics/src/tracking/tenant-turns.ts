interface Queue {
  running: number;
  readonly waiting: (() => void)[];
}

/** Lets at most so many pieces of work of one tenant run at once in this process; others of it wait for their turn. */
export class TenantTurns {
  readonly #queues = new Map<string, Queue>();

  constructor(private readonly most: number) {}

  async take<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(tenantId) ?? { running: 0, waiting: [] };
    this.#queues.set(tenantId, queue);
    if (queue.running < this.most) queue.running += 1;
    else await new Promise<void>((resolve) => queue.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = queue.waiting.shift();
      // Whoever comes next takes this one's place.
      if (next === undefined) this.#leave(tenantId, queue);
      else next();
    }
  }

  #leave(tenantId: string, queue: Queue): void {
    queue.running -= 1;
    if (queue.running === 0) this.#queues.delete(tenantId);
  }
}
