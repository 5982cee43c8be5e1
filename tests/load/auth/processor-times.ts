/** Processor time in milliseconds. */
export interface ProcessorTimes {
  readonly service: number;
  /** Of that, by the threads that hash. */
  readonly threadPool: number;
  /** PostgreSQL, all its processes. */
  readonly database: number;
}

/** What was used between two moments, for each of so many operations or milliseconds. */
export function usedForEach(before: ProcessorTimes, after: ProcessorTimes, count: number): ProcessorTimes {
  return {
    service: (after.service - before.service) / count,
    threadPool: (after.threadPool - before.threadPool) / count,
    database: (after.database - before.database) / count,
  };
}
