import { readdir, readFile } from 'node:fs/promises';

/** Megabytes of a process and its children; pages that several processes have are shared out between them (Linux's Pss). */
export async function readMemory(pid: number): Promise<number> {
  const [rollup, threads] = await Promise.all([
    readFile(`/proc/${pid}/smaps_rollup`, 'utf8'),
    readdir(`/proc/${pid}/task`),
  ]);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  let megabytes = Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) / 1_024;
  for (const child of lists.join(' ').split(/\s+/).filter(Boolean)) {
    // One that ends meanwhile has none.
    megabytes += await readMemory(Number(child)).catch(() => 0);
  }
  return megabytes;
}
