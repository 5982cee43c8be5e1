export interface DueWork<Row extends { readonly id: string }> {
  /** Finds the next rows, those first that have been due longest, without those of these ids; fewer than `batchSize` are the last. */
  readonly find: (exceptIds: readonly string[]) => Promise<readonly Row[]>;
  readonly batchSize: number;
  /** Does what is due for one row, so that it is not found again. What it throws keeps no other row waiting. */
  readonly work: (row: Row) => Promise<void>;
  readonly untilMs: number;
}

export interface DueOutcome {
  /** How many rows were tried. */
  readonly tried: number;
  readonly failures: readonly unknown[];
}

/**
 * Does what is due, batch by batch, until nothing is left or the time is over. A batch full of failures ends it: what they have in
 * common is not in the rows.
 *
 * @throws what `find` throws
 */
export async function workThrough<Row extends { readonly id: string }>(options: DueWork<Row>): Promise<DueOutcome> {
  const { find, batchSize, work, untilMs } = options;
  const failedIds: string[] = [];
  const failures: unknown[] = [];
  let tried = 0;
  for (;;) {
    const rows = await find(failedIds);
    for (const row of rows) {
      if (performance.now() >= untilMs) return { tried, failures };
      tried += 1;
      await work(row).catch((error: unknown) => {
        failures.push(error);
        failedIds.push(row.id);
      });
    }
    if (rows.length < batchSize || failures.length >= batchSize) return { tried, failures };
  }
}
