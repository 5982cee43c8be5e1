/** A document that a client was built with, and what the client calls it. */
export interface ManifestOperation {
  /** What requests name it by; a SHA-256 in small letters and without prefix. */
  readonly id: string;
  /** The name of its operation, the first where there are several; absent for an anonymous one. */
  readonly name: string | undefined;
  /** The text, as it is run. */
  readonly body: string;
  /** SHA-256 of the text, hex. */
  readonly hash: string;
  /** SHA-256 of the text as `normaliseDocument` writes it, hex. */
  readonly normalisedHash: string;
  /** The only client that may use it; absent for any. */
  readonly clientName: string | undefined;
}

/** How a manifest was written. */
export type ManifestFormat = 'apollo' | 'relay-pairs' | 'map';

/** A manifest that was read whole. */
export interface OperationManifest {
  readonly format: ManifestFormat;
  readonly operations: readonly ManifestOperation[];
}

/** What one manifest may hold. */
export interface ManifestLimits {
  readonly maxOperations: number;
  /** Of one document's text. */
  readonly maxBodyCharacters: number;
  readonly maxTokens: number;
}

/** Generous for an app, and far from what would fill a gateway's memory. */
export const manifestLimits: ManifestLimits = { maxOperations: 5_000, maxBodyCharacters: 100_000, maxTokens: 15_000 };

/** A manifest that is refused, with everything that speaks against it. */
export class ManifestFault extends Error {
  override readonly name = 'ManifestFault';

  constructor(readonly reasons: readonly string[]) {
    super(`The manifest is refused: ${reasons.join('; ')}`);
  }
}

/** What all manifests together may come to: every gateway holds it in memory. */
export const maxRegisteredOperations = 20_000;
export const maxRegisteredCharacters = 64 * 1024 * 1024;
