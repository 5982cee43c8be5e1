import type { Principal } from '../identity/index.js';
import type { DataScope } from './data-scope.js';

/** Who asks, and the database as they may see it: the first argument of every service method. */
export interface Caller {
  readonly principal: Principal;
  readonly scope: DataScope;
}
