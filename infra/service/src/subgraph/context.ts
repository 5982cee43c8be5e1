import type { ClientDetails, Principal } from '../identity/index.js';
import type { ComeBack } from '../overload/index.js';
import type { DataScope } from '../tenancy/index.js';

/** What every resolver of every subgraph has; each subgraph adds its services and loaders. */
export interface SubgraphContext {
  readonly requestId: string;
  readonly principal: Principal;
  /** Where the request came from; known where something is changed. */
  readonly client: ClientDetails;
  /** The database as this caller may see it. */
  readonly scope: DataScope;
  /** Lets others have this request's turn while it waits for what costs this process nothing; see {@link Gate.standAside}. */
  readonly standAside: () => ComeBack;
  /** Headers for the gateway that go with the answer. */
  readonly responseHeaders: Map<string, string>;
  /**
   * Of a subscription: after which event it goes on. Null: from now on, and the stream tells first where that is. Absent where
   * nobody asks. See {@link IdentifiedEvent}.
   */
  readonly lastEventId?: string | null;
}
