export {
  accessTokenAlgorithms,
  accessTokenAudience,
  accessTokenClaimsSchema,
  accessTokenIssuer,
  accessTokenLifetime,
  accessTokenType,
  endedSessionsPath,
  newAccessTokenHeader,
  revocationChannel,
  revocationSchema,
  type AccessTokenClaims,
} from './access-token.js';
export { clientDetailsSchema, encodeClient, unknownClient, type ClientDetails } from './client-details.js';
export {
  anonymousPrincipal,
  principalSchema,
  servicePrincipal,
  type Principal,
  type TenantPrincipal,
  type UserPrincipal,
} from './principal.js';
export { isPlatformAdmin, requirePermission, requireSuperAdmin, requireTenant, requireUser } from './require.js';
export { builtInRoles, permissions, permissionsOf, type BuiltInRole, type Permission } from './roles.js';
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
