import type { ClientPlace } from '@tessera/service/http';
import type { AppError } from '@tessera/service/errors';
import type { Principal } from '@tessera/service/identity';
import type { RepeatAnswer } from './transport/answer-delivery.js';

/** What one client request carries through all rooms of the gateway. */
export interface RequestContext {
  readonly requestId: string;
  /** W3C trace context: the client's, handed on, or one that begins here. */
  readonly traceparent: string;
  /** Whether it begins here. */
  readonly beginsTrace: boolean;
  readonly principal: Principal;
  /** The principal as it travels to subgraphs; encoded once per caller. */
  readonly encodedPrincipal: string;
  /** Why the caller is out of the tenant of their token for now: only what is everybody's own is answered. */
  readonly barredBy?: AppError;
  /** Why the caller's token is not taken: who calls counts as nobody, and only what needs nobody signed in is answered. */
  readonly refusedToken?: AppError | undefined;
  /** The tenant that the client says this is meant for; absent where it does not say. */
  readonly intendedTenantId?: string | undefined;
  /** Client's name, from `apollographql-client-name` / `x-client-name`; `unknown` when absent. */
  readonly clientName: string;
  readonly clientVersion: string;
  /** Aborted when the client leaves or the request's deadline passes; its reason is an AppError. */
  readonly signal: AbortSignal;
  /** The address of the client as limits count it (IPv4, or the first 64 bits of IPv6); absent inside Apollo Server. */
  readonly clientAddress?: string | undefined;
  /** Where that is, as a trusted proxy says; absent where none does. */
  readonly clientPlace?: ClientPlace | undefined;
  /** As the client calls itself, shortened; absent where it does not. */
  readonly userAgent?: string | undefined;
  /** Adds a header to the answer; absent where the answer has none of its own, as on a socket. */
  readonly setResponseHeader?: ((name: string, value: string) => void) | undefined;
  /** Closes the client's connection, because it reads its events too slowly; absent where there are none. */
  readonly onFallenBehind?: (() => void) | undefined;
  /**
   * Is told when the caller goes on with another token that brings other rights; absent where that cannot be.
   *
   * @returns what forgets about it
   */
  readonly onRenewed?: (listener: (caller: Caller) => void) => () => void;
  /** Counts the requests to subgraphs that this one led to; absent where nobody wants to know. */
  readonly subgraphRequests?: { count: number };
  /** Whether the client wants to know what its operations cost. */
  readonly wantsCost?: boolean;
  /** Takes a shorter way to the answer of this very request; absent where nobody would go it. */
  readonly offerRepeat?: ((repeat: RepeatAnswer) => void) | undefined;
  /**
   * Finds out who the caller has become by a mutation (sign-in) whose answer brought a new access token; absent where this
   * gateway authenticates nobody.
   */
  readonly reauthenticate?: (accessToken: string) => Promise<Pick<Caller, 'principal' | 'encodedPrincipal'>>;
  /** Keeps, in cookies, tokens that a mutation brought; absent where the client keeps its tokens itself. */
  readonly acceptTokens?: ((sessionTokens: string) => void) | undefined;
  /** Of a subscription that may go on with another supergraph. */
  readonly attachment?: Attachment;
  /** What subgraphs get as it came: the caller's `Authorization` where this gateway authenticates nobody. */
  readonly forwardedHeaders?: Readonly<Record<string, string>>;
}

/** Who is calling, as the guards found out; the same for all requests of one socket. */
export interface Caller {
  readonly principal: Principal;
  readonly encodedPrincipal: string;
  /** Milliseconds since the epoch, when the caller's token ends; undefined for who has none. */
  readonly expiresAtMs: number | undefined;
  readonly forwardedHeaders: Readonly<Record<string, string>>;
}

/** Where a client's subscription is attached. It can be moved: who is attached next takes over from who is attached now. */
export interface Attachment {
  /** How often it was moved. */
  moves: number;
  current: Attached | undefined;
}

/** A subscription's place in a stream of events. */
export interface Attached {
  /** Its answers end with the events that have come by now. */
  release(): void;
}
