export { auditExportFilterSchema, auditExportPath, auditExportType, type AuditExportFilter } from './audit-export.js';
export {
  auditEvent,
  auditEventType,
  auditRecordSchema,
  toAuditRecord,
  type AuditedCaller,
  type AuditNote,
  type AuditRecord,
} from './audit-record.js';
