import { sqlOf } from '@tessera/service/database';
import { accessTokenLifetime, type AccessTokenAlgorithm } from '@tessera/service/identity';
import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { DataScope } from '@tessera/service/tenancy';
import type { JSONWebKeySet } from 'jose';
import type { KeyVault } from './key-vault.js';
import { SigningKeyEntity } from './signing-key.entity.js';
import { generateSigningKey, openSigningKey, type SigningKey } from './signing-key.js';

/** How soon every instance knows of a key that another one made or retired. */
const rereadIntervalMs = 60_000;

/** How long a key is published before it signs: longer than any instance, gateway or HTTP cache goes without asking. */
const publishAheadMs = 60 * 60 * 1_000;

const dayMs = 24 * 60 * 60 * 1_000;

/** Serialises the making of keys over all instances ("keys" in hex). */
const keyLock = 0x6b657973;

export interface KeyRingOptions {
  readonly serviceScope: () => DataScope;
  readonly vault: KeyVault;
  readonly logger: Logger;
  /** What new keys are for. */
  readonly algorithm: AccessTokenAlgorithm;
  readonly now?: () => Date;
}

interface Keys {
  readonly signing: SigningKey;
  readonly published: JSONWebKeySet;
}

/** The keys of access tokens: kept in the database, so that all instances sign and publish the same. */
export class KeyRing {
  readonly #options: KeyRingOptions;
  readonly #now: () => Date;
  #keys: Promise<Keys> | undefined;

  constructor(options: KeyRingOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** Reads the keys, making the first one where there is none, and reads them again from time to time. */
  async start(lifecycle: Lifecycle): Promise<void> {
    await this.#current();
    const timer = setInterval(() => void this.#reread(), rereadIntervalMs);
    lifecycle.defer('key ring', () => clearInterval(timer));
  }

  /** The key that signs now. */
  async signingKey(): Promise<SigningKey> {
    return (await this.#current()).signing;
  }

  /** The public keys that verify tokens (RFC 7517). */
  async publishedKeys(): Promise<JSONWebKeySet> {
    return (await this.#current()).published;
  }

  /**
   * Makes another key where the newest one is old, or of an algorithm that is not wanted any more: published now, it signs an hour later. The keys before it stay published
   * until the last token that they signed has expired; those that ended a day ago are forgotten.
   *
   * @returns the new key, if one was made
   */
  async rotate(maxAgeDays: number): Promise<Pick<SigningKeyEntity, 'id' | 'signsFrom'> | undefined> {
    const { serviceScope, vault, algorithm } = this.#options;
    const made = await serviceScope().write(async (entityManager) => {
      await sqlOf(entityManager)('select pg_advisory_xact_lock($1)', [keyLock]);
      const now = this.#now();
      await entityManager.nativeDelete(SigningKeyEntity, { retiresAt: { $lt: new Date(now.getTime() - dayMs) } });
      const old = await entityManager.find(SigningKeyEntity, { retiresAt: null });
      const isFresh = (key: SigningKeyEntity) =>
        key.algorithm === algorithm && key.signsFrom.getTime() > now.getTime() - maxAgeDays * dayMs;
      if (old.some(isFresh)) return undefined;
      const signsFrom = new Date(now.getTime() + publishAheadMs);
      const retiresAt = new Date(signsFrom.getTime() + 2 * accessTokenLifetime * 1_000);
      for (const key of old) key.retiresAt = retiresAt;
      const next = await generateSigningKey(vault, { algorithm, createdAt: now, signsFrom });
      entityManager.persist(next);
      await entityManager.flush();
      return { id: next.id, signsFrom };
    });
    if (made !== undefined) await this.#reread();
    return made;
  }

  #current(): Promise<Keys> {
    this.#keys ??= this.#load().catch((error: unknown) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }

  async #reread(): Promise<void> {
    try {
      this.#keys = Promise.resolve(await this.#load());
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'signing keys were not read again: the known ones stay in use');
    }
  }

  async #load(): Promise<Keys> {
    const { serviceScope, vault } = this.#options;
    const now = this.#now();
    const entities = await this.#find(serviceScope(), now);
    if (entities.length === 0) entities.push(await this.#makeFirst());
    const signing = entities.find(({ signsFrom }) => signsFrom <= now) ?? entities.at(-1);
    if (signing === undefined) throw new Error('There is no signing key');
    return {
      signing: await openSigningKey(vault, signing),
      published: { keys: entities.map(({ publicJwk }) => publicJwk) },
    };
  }

  /** The keys to publish, the newest first. */
  async #find(scope: DataScope, now: Date): Promise<SigningKeyEntity[]> {
    try {
      return await scope.read((entityManager) =>
        entityManager.find(
          SigningKeyEntity,
          { $or: [{ retiresAt: null }, { retiresAt: { $gt: now } }] },
          { orderBy: { signsFrom: 'desc', id: 'desc' } },
        ),
      );
    } finally {
      scope.close();
    }
  }

  async #makeFirst(): Promise<SigningKeyEntity> {
    const { serviceScope, vault, algorithm } = this.#options;
    return serviceScope().write(async (entityManager) => {
      await sqlOf(entityManager)('select pg_advisory_xact_lock($1)', [keyLock]);
      const [existing] = await entityManager.find(SigningKeyEntity, { retiresAt: null }, { limit: 1 });
      if (existing !== undefined) return existing;
      const createdAt = this.#now();
      const created = await generateSigningKey(vault, { algorithm, createdAt, signsFrom: createdAt });
      entityManager.persist(created);
      await entityManager.flush();
      return created;
    });
  }
}
