import { z } from 'zod';

/** Where auth writes out the audit log, at gateways (`GET`, with the filter as parameters) and, behind them, at auth (`POST`). */
export const auditExportPath = '/audit-log/export';

/** JSON Lines: each line is one entry (https://jsonlines.org). */
export const auditExportType = 'application/x-ndjson; charset=utf-8';

/** No line of the log has a NUL or half a character. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
const textField = z.string().min(1).max(200).refine(isStorable, 'has a character that no text has').optional();
const momentField = z.iso.datetime({ offset: true }).optional();

/** Which entries are written out: all conditions that are there must hold. */
export const auditExportFilterSchema = z.strictObject({
  action: textField,
  outcome: z.enum(['success', 'denied']).optional(),
  actorId: z.uuid().optional(),
  impersonatorId: z.uuid().optional(),
  subjectId: z.uuid().optional(),
  targetType: textField,
  targetId: textField,
  clientAddress: textField,
  /** From this moment on, and before this one: RFC 3339. */
  from: momentField,
  to: momentField,
  /** Entries after the one of this id. */
  after: z.uuid().optional(),
});

export type AuditExportFilter = z.infer<typeof auditExportFilterSchema>;
