import type { ManifestOperation } from '@tessera/service/operations';

/** A manifest as it takes part in the list. */
export interface LoadedManifest {
  /** Where it came from, for people. */
  readonly origin: string;
  /** The client that it was made for, where its source knows. */
  readonly clientName: string | undefined;
  readonly clientVersion: string | undefined;
  readonly operations: readonly ManifestOperation[];
}

/** A place that manifests come from. */
export interface ManifestSource {
  /**
   * Reads what is new. A manifest that is refused is told of, and the one before stays.
   *
   * @throws Error where the place itself cannot be read
   */
  read(): Promise<readonly LoadedManifest[]>;
  /** Tells when reading again is worth it. @returns what ends the telling */
  watch(onChange: () => void): () => Promise<void>;
  /** How many manifests are refused now. */
  readonly refused: number;
}
