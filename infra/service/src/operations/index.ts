export {
  fieldUsesEventType,
  fieldUsesSchema,
  maxLinesOfFieldReport,
  otherUses,
  type FieldUse,
  type FieldUses,
  type UsedOperation,
} from './field-uses.js';
export {
  ManifestFault,
  manifestLimits,
  maxRegisteredCharacters,
  maxRegisteredOperations,
  type ManifestFormat,
  type ManifestLimits,
  type ManifestOperation,
  type OperationManifest,
} from './manifest.js';
export { normaliseDocument } from './normalise-document.js';
export { isOperationId, isSha256, plainOperationId } from './operation-id.js';
export { maxUsesOfReport, operationUsesEventType, operationUsesSchema, type OperationUse } from './operation-uses.js';
export { parseManifest } from './parse-manifest.js';
export {
  publishedManifestIndexSchema,
  publishedManifestsChannel,
  publishedManifestsPath,
  type PublishedManifestIndex,
} from './published-manifests.js';
