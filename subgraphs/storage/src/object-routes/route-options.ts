import type { ClientAddressOf } from '@tessera/service/http';
import type { AssertReachableFrom } from '../networks/address-guard.js';
import type { FileSystemStore } from '../object-store/file-system-store.js';
import type { ObjectKey } from '../object-store/object-store.js';

export interface ObjectRouteOptions {
  readonly store: FileSystemStore;
  /** Whether a file still waits for its upload: it may have been deleted, or uploaded already. */
  readonly isAwaited: (key: ObjectKey) => Promise<boolean>;
  readonly addressOf: ClientAddressOf;
  readonly assertReachableFrom: AssertReachableFrom;
  readonly now: () => Date;
  /** A client that neither sends nor reads for so long is gone, or wants to keep a connection busy. Default 30 s. */
  readonly stallTimeoutMs?: number;
}

export const defaultStallTimeoutMs = 30_000;
