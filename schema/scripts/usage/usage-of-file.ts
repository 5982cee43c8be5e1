import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { fieldUsageSchema, type FieldUsage, type UsageSource } from './usage-source.js';

const format = 'tessera-field-usage';

const fileSchema = z.object({
  format: z.literal(format),
  version: z.literal(1),
  exportedAt: z.iso.datetime(),
  days: z.number().int().positive(),
  usage: z.array(fieldUsageSchema),
});

/** The text of an export. */
export function writeUsageFile(usage: readonly FieldUsage[], days: number, exportedAt: Date): string {
  const file = { format, version: 1, exportedAt: exportedAt.toISOString(), days, usage };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** What an export knows; it has its own days. @throws Error for a file that is none */
export async function createFileUsage(path: string): Promise<UsageSource> {
  const parsed = fileSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!parsed.success) throw new Error(`${path} is no export of field usage: ${z.prettifyError(parsed.error)}`);
  const { days, usage } = parsed.data;
  return {
    days,
    isEmpty: async () => usage.length === 0,
    usersOf: async (needed) =>
      usage.filter(({ coordinates }) => needed.every((coordinate) => coordinates.includes(coordinate))),
  };
}
