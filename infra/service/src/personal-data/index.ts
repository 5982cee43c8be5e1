export { eraseRows, type EraseRowsOptions } from './erase-rows.js';
export {
  erasureCompletedEventType,
  erasureCompletedSchema,
  erasureStartedEventType,
  erasureStartedSchema,
  legalHoldEventType,
  legalHoldSchema,
} from './erasure-events.js';
export { countExportRows, type CountExportRowsOptions } from './export-counts.js';
export {
  exportCountsPath,
  exportCountsRequestSchema,
  exportCountsSchema,
  exportNextHeader,
  exportRequestSchema,
  exportRowsPath,
  exportTableHeader,
} from './export-protocol.js';
export { readExportPage, type ExportPage, type ExportPageOptions } from './export-rows.js';
export {
  columnNames,
  deletedWith,
  eventInventory,
  idOfNobody,
  kept,
  memberDirectoryInventory,
  ownedBy,
  type DataInventory,
  type ErasureAction,
  type SubjectKind,
  type SubjectRows,
  type TableInventory,
} from './inventory.js';
export { SubjectEraser, type SubjectEraserOptions } from './subject-eraser.js';
export { isTenantFree, subjectInventory, subjectTablesSql } from './subject-tables.js';
export { subjectPrincipal, subjectSchema, type Subject } from './subject.js';
