export {
  accessTokenAlgorithms,
  type AccessTokenAlgorithm,
  accessTokenAudience,
  accessTokenClaimsSchema,
  accessTokenIssuer,
  accessTokenLifetime,
  accessTokenType,
  endedSessionsPath,
  newAccessTokenHeader,
  noSessionTokens,
  recentAuthenticationPath,
  revocationChannel,
  revocationSchema,
  sessionProofPath,
  sessionTokensHeader,
  tokenPath,
  type AccessTokenClaims,
  type Revocation,
} from './access-token.js';
export {
  apiKeyPath,
  apiKeyPrefix,
  createApiKeyToken,
  hashApiKey,
  isApiKeyToken,
  resolvedApiKeySchema,
  type ResolvedApiKey,
} from './api-key.js';
export { clientDetailsSchema, encodeClient, unknownClient, type ClientDetails } from './client-details.js';
export {
  anonymousPrincipal,
  principalSchema,
  servicePrincipal,
  type Credentials,
  type Principal,
  type TenantPrincipal,
  type UserPrincipal,
} from './principal.js';
export {
  hasPermission,
  isPlatformAdmin,
  isSelf,
  refuseImpersonation,
  requireMemberManager,
  requireOneself,
  requirePermission,
  requireSuperAdmin,
  requireTenant,
  requireUser,
} from './require.js';
export {
  builtInRoles,
  describePermissions,
  isBuiltInRole,
  isPermission,
  permissions,
  permissionsOf,
  type BuiltInRole,
  type Permission,
} from './roles.js';
export {
  clientHeader,
  encodePrincipal,
  principalHeader,
  signatureHeader,
  signPrincipal,
  timestampHeader,
  verifyPrincipal,
  type EncodedCaller,
  type PrincipalHeaders,
  type SignedCaller,
  type SignedRequest,
} from './signed-principal.js';
export {
  RefusedSignature,
  refusedSignatureIn,
  remedyOf,
  signatureFaultOf,
  signatureRefused,
  type SignatureFault,
} from './signature-fault.js';
export { tenantChangesChannel, tenantChangeSchema } from './tenant-changes.js';
export {
  perMessagePrincipals,
  principalsParameter,
  signedSubscription,
  type SubscriptionRequest,
} from './principal-per-message.js';
export { unauthenticated, type UnauthenticatedReason } from './unauthenticated.js';
