import type { HostLink, HostListener, OpenHost } from './host-link.js';
import type { HostReply, HostRequest } from './host-messages.js';

/** Who sits at a host: one supergraph's link to it. */
interface Guest {
  readonly listener: HostListener;
  /** Where others of the same planner sit, or have sat. */
  readonly hostsOfPlanner: WeakSet<SharedHost>;
  load: HostRequest | undefined;
  /** What it has asked and was not answered yet. */
  pending: HostRequest | undefined;
  /** Counts up from request to request, over all guests. */
  askedAt: number;
  /** It came from a host that another guest had ended, and loads its supergraph again. */
  isLoadingAgain: boolean;
  /** What is pending began at another host, so that nobody can tell what it has taken. */
  isMoved: boolean;
  isHeld: boolean;
  seat: number;
  host: SharedHost;
}

/**
 * Lends hosts to the planners of several supergraphs, of which one follows the other: the next sits down beside the one before,
 * so that a reload starts no process and ends none. Both cost the gateway's event loop itself: a copy of its page tables, and
 * where somebody watches processes, up to 0.1 s of the kernel for forgetting one.
 *
 * @returns what gives each planner a way of its own to open hosts; its hosts are different ones
 */
export function createSharedHosts(open: OpenHost): () => OpenHost {
  const hosts = new Set<SharedHost>();

  function start(): SharedHost {
    const host: SharedHost = new SharedHost(open, start, () => hosts.delete(host));
    hosts.add(host);
    return host;
  }

  return () => {
    const hostsOfPlanner = new WeakSet<SharedHost>();
    return (listener) =>
      ([...hosts].find((host) => !hostsOfPlanner.has(host)) ?? start()).enter(listener, hostsOfPlanner);
  };
}

class SharedHost {
  readonly #link: HostLink;
  readonly #guests = new Map<number, Guest>();
  readonly #start: () => SharedHost;
  readonly #leave: () => void;
  #lastSeat = 0;
  #requests = 0;

  /**
   * @param start starts another one
   * @param leave told when nobody is to come any more
   */
  constructor(open: OpenHost, start: () => SharedHost, leave: () => void) {
    this.#start = start;
    this.#leave = leave;
    this.#link = open({
      reply: (reply) => this.#answer(reply),
      ended: (reason) => {
        leave();
        this.#part(reason);
      },
    });
  }

  enter(listener: HostListener, hostsOfPlanner: WeakSet<SharedHost>): HostLink {
    const guest: Guest = {
      listener,
      hostsOfPlanner,
      load: undefined,
      pending: undefined,
      askedAt: 0,
      isLoadingAgain: false,
      isMoved: false,
      isHeld: false,
      seat: 0,
      host: this,
    };
    this.#seat(guest);
    const hold = (isHeld: boolean): void => {
      guest.isHeld = isHeld;
      guest.host.#hold();
    };
    return {
      post(request) {
        guest.pending = request;
        if (request.kind === 'load') guest.load = request;
        if (!guest.isLoadingAgain) guest.host.#post(guest, request);
      },
      hold: () => hold(true),
      release: () => hold(false),
      processorMs: async () => (guest.isMoved ? undefined : guest.host.#link.processorMs()),
      kill: () => guest.host.#dismiss(guest),
    };
  }

  #seat(guest: Guest): void {
    this.#lastSeat += 1;
    guest.seat = this.#lastSeat;
    guest.host = this;
    guest.hostsOfPlanner.add(this);
    this.#guests.set(guest.seat, guest);
    this.#hold();
  }

  #post(guest: Guest, request: HostRequest): void {
    this.#requests += 1;
    guest.askedAt = this.#requests;
    this.#link.post({ ...request, seat: guest.seat });
  }

  #hold(): void {
    if ([...this.#guests.values()].some(({ isHeld }) => isHeld)) this.#link.hold();
    else this.#link.release();
  }

  #answer(reply: HostReply): void {
    const guest = this.#guests.get(reply.seat ?? 0);
    if (guest === undefined) return;
    const { pending, isLoadingAgain } = guest;
    guest.isLoadingAgain = false;
    if (isLoadingAgain && pending !== guest.load) {
      if (pending !== undefined) this.#post(guest, pending);
      return;
    }
    guest.pending = undefined;
    guest.isMoved = false;
    guest.listener.reply(reply);
  }

  /** Who waits for nothing leaves the host to the others; who has it plan without end takes it along. */
  #dismiss(guest: Guest): void {
    const others = [...this.#guests.values()].filter((other) => other !== guest);
    if (guest.pending === undefined && others.length > 0) {
      this.#guests.delete(guest.seat);
      this.#post(guest, { kind: 'leave' });
      this.#hold();
      queueMicrotask(() => guest.listener.ended('it was left to others'));
      return;
    }
    this.#leave();
    if (others.length > 0) this.#moveTo(this.#start(), others);
    this.#link.kill();
  }

  /** Where the host has ended by itself, it was for who has waited longest; others that wait try again without that one. */
  #part(reason: string): void {
    const guests = [...this.#guests.values()];
    const [blamed, ...others] = guests
      .filter(({ pending }) => pending !== undefined)
      .sort((left, right) => left.askedAt - right.askedAt);
    if (others.length > 0) this.#moveTo(this.#start(), others);
    for (const guest of guests) if (guest === blamed || guest.pending === undefined) guest.listener.ended(reason);
  }

  /** Somebody else's plan was too much: what these have asked for they get from another host. */
  #moveTo(host: SharedHost, guests: readonly Guest[]): void {
    for (const guest of guests) {
      this.#guests.delete(guest.seat);
      host.#seat(guest);
      guest.isMoved = guest.pending !== undefined;
      guest.isLoadingAgain = guest.load !== undefined;
      if (guest.load !== undefined) host.#post(guest, guest.load);
    }
  }
}
