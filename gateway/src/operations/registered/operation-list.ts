import { ManifestFault, type ManifestOperation } from '@tessera/service/operations';
import type { LoadedManifest } from './manifest-source.js';

/** All registered operations at one moment. */
export interface OperationList {
  readonly size: number;
  readonly operations: Iterable<ManifestOperation>;
  /** Characters of its longest text. */
  readonly longest: number;
  /** Clients that a manifest was made for, each with the versions that are known. */
  readonly clients: ReadonlyMap<string, ReadonlySet<string>>;
  /** @param id in its plain form */
  byId(id: string, clientName: string, clientVersion: string): ManifestOperation | undefined;
  /** @param hash SHA-256 of the text, or of the text once it is normalised */
  byText(hash: string, clientName: string): ManifestOperation | undefined;
}

/** How large a list may become, whatever manifests ask for. */
export interface OperationListLimits {
  readonly maxOperations: number;
  /** Of all texts together. */
  readonly maxCharacters: number;
}

interface Registered {
  readonly operation: ManifestOperation;
  readonly clientVersion: string | undefined;
}

/** Puts a list together, manifest by manifest. What a client owns goes before what all may use. */
export class OperationListBuilder {
  readonly #limits: OperationListLimits;
  /** By client (empty: any) and id. */
  readonly #byId = new Map<string, Registered>();
  /** By client, version and id: only where an id means one document in one version and another in the next. */
  readonly #byVersion = new Map<string, ManifestOperation>();
  readonly #byText = new Map<string, ManifestOperation>();
  readonly #clients = new Map<string, Set<string>>();
  #characters = 0;
  #longest = 0;

  constructor(limits: OperationListLimits) {
    this.#limits = limits;
  }

  /** @throws ManifestFault; nothing of the manifest was added then */
  add({ operations, clientName, clientVersion }: LoadedManifest): void {
    const added = operations.filter((operation) => !this.#isKnown(operation));
    this.#assertFits(added, clientVersion);
    if (clientName !== undefined) this.#addClient(clientName, clientVersion);
    for (const operation of operations) {
      if (operation.clientName !== undefined) this.#addClient(operation.clientName, undefined);
    }
    for (const operation of added) this.#register(operation, clientVersion);
  }

  build(): OperationList {
    const [byId, byVersion, byText] = [this.#byId, this.#byVersion, this.#byText];
    return {
      size: byId.size + byVersion.size,
      operations: new Set([...byId.values()].map(({ operation }) => operation).concat(...byVersion.values())),
      longest: this.#longest,
      clients: this.#clients,
      byId: (id, clientName, clientVersion) =>
        (byVersion.size === 0 ? undefined : byVersion.get(`${clientName}\n${clientVersion}\n${id}`)) ??
        (this.#clients.has(clientName) ? byId.get(`${clientName}\n${id}`) : undefined)?.operation ??
        byId.get(`\n${id}`)?.operation,
      byText: (hash, clientName) => byText.get(`${clientName}\n${hash}`) ?? byText.get(`\n${hash}`),
    };
  }

  #isKnown(operation: ManifestOperation): boolean {
    return this.#byId.get(keyOf(operation))?.operation.hash === operation.hash;
  }

  #assertFits(added: readonly ManifestOperation[], clientVersion: string | undefined): void {
    const clash = added.find((operation) => {
      const known = this.#byId.get(keyOf(operation));
      // Of two versions of one client each keeps its own; nothing else tells two documents of one id apart.
      return known !== undefined && (clientVersion === undefined || known.clientVersion === undefined);
    });
    if (clash !== undefined) throw new ManifestFault([`the id ${clash.id} stands for another document elsewhere`]);
    const { maxOperations, maxCharacters } = this.#limits;
    if (this.#byId.size + this.#byVersion.size + added.length > maxOperations) {
      throw new ManifestFault([`with it there are more than ${maxOperations} operations`]);
    }
    const characters = added.reduce((sum, { body }) => sum + body.length, this.#characters);
    if (characters > maxCharacters) {
      throw new ManifestFault([`with it there are more than ${maxCharacters} characters of text`]);
    }
    this.#characters = characters;
  }

  #register(operation: ManifestOperation, clientVersion: string | undefined): void {
    const key = keyOf(operation);
    const known = this.#byId.get(key);
    const scope = operation.clientName ?? '';
    if (known !== undefined) {
      this.#byVersion.set(`${scope}\n${known.clientVersion}\n${operation.id}`, known.operation);
      this.#byVersion.set(`${scope}\n${clientVersion}\n${operation.id}`, operation);
    }
    this.#byId.set(key, { operation, clientVersion });
    this.#longest = Math.max(this.#longest, operation.body.length);
    this.#byText.set(`${scope}\n${operation.hash}`, operation);
    this.#byText.set(`${scope}\n${operation.normalisedHash}`, operation);
  }

  #addClient(name: string, version: string | undefined): void {
    const versions = this.#clients.get(name) ?? new Set<string>();
    if (version !== undefined) versions.add(version);
    this.#clients.set(name, versions);
  }
}

/** The list of nothing. */
export const emptyOperationList: OperationList = new OperationListBuilder({
  maxOperations: 0,
  maxCharacters: 0,
}).build();

const keyOf = ({ clientName, id }: ManifestOperation): string => `${clientName ?? ''}\n${id}`;
