export { DataScope } from './data-scope.js';
export { createPolicy, enableRowSecurity, isOwnTenant, isOwnUser, isService, tenantOwned, type RowPolicy } from './policies.js';
