/**
 * Milliseconds of processor time that this thread takes for some work. A busy machine makes things late, but not dearer: where
 * something has to be cheap, this says so wherever a test runs.
 */
export async function threadMsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
