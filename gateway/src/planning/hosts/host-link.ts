import type { HostReply, HostRequest } from './host-messages.js';

/** One planner's host, seen from the gateway: a process or a thread that can be ended whatever it is doing. */
export interface HostLink {
  post(request: HostRequest): void;
  /** Keeps the gateway's process alive while an answer is awaited. */
  hold(): void;
  release(): void;
  /** Milliseconds of processor time that the host has taken since it started; undefined where nobody can tell. */
  processorMs(): Promise<number | undefined>;
  /** Ends the host at once, in the middle of its work. `ended` is told when it is gone. */
  kill(): void;
}

export interface HostListener {
  reply(reply: HostReply): void;
  /** Told once, when nothing of the host is left. */
  ended(reason: string): void;
}

/** Starts a host. */
export type OpenHost = (listener: HostListener) => HostLink;
