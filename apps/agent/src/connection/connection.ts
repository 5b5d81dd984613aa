import type { AgentMessage, Registered } from '@otherthing/protocol/agent';
import { CLOSE_CODES } from '@otherthing/protocol/close-codes';
import type { AppError } from '@otherthing/protocol/errors';
import { backoffMs, type Clock, type Logger, SECOND } from '@otherthing/runtime';
import type { Identity } from '../identity/index.ts';
import { expectedKey, HandshakeError, type Introduction } from './handshake.ts';
import type { Link, LinkMessage } from './messages.ts';
import { AgentSocket, type SocketEnd } from './socket.ts';

/** `stopped` with an error: trying again cannot help, a person has to do something. */
export type ConnectionState = {
  readonly state: 'connecting' | 'connected' | 'waiting' | 'stopped';
  readonly since: number;
  /** What went wrong last, while not connected. */
  readonly error?: AppError;
  readonly retryAt?: number;
};

export type ConnectionOptions = {
  readonly socketUrl: string;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The trusted key and a join token that was not used up yet. */
  readonly trust: () => { pinned?: string | undefined; joinToken?: string | undefined };
  readonly introduce: () => Introduction;
  readonly load: () => { cpu: number; memory: number } | undefined;
  readonly onRegistered: (registered: Registered, orchestratorKey: string) => void;
  readonly onMessage: (message: LinkMessage) => void;
  readonly onStateChange: (state: ConnectionState) => void;
  readonly random?: () => number;
};

const BACKOFF = { baseMs: SECOND, capMs: 15 * SECOND };
/** Another agent has this identity, or too many are waiting: no reason to knock often. */
const SLOW_BACKOFF = { baseMs: 10 * SECOND, capMs: 60 * SECOND };
const SLOW_CODES: readonly number[] = [
  CLOSE_CODES.duplicate_identity.code,
  CLOSE_CODES.too_many_unclaimed.code,
];

/** Keeps a link to the orchestrator: dials, and dials again after a random, growing wait. */
export class Connection implements Link {
  readonly #options: ConnectionOptions;
  #socket: AgentSocket | undefined;
  #state: ConnectionState;
  #failures = 0;
  #stopWaiting: (() => void) | undefined;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#state = { state: 'connecting', since: options.clock.now() };
  }

  get state(): ConnectionState {
    return this.#state;
  }

  open(): void {
    this.#dial();
  }

  /** Closes for good. */
  close(): void {
    this.#closed = true;
    this.#stopWaiting?.();
    this.#socket?.close();
    this.#socket = undefined;
    this.#become({ state: 'stopped' });
  }

  send(message: AgentMessage): boolean {
    return this.#state.state === 'connected' && (this.#socket?.send(message) ?? false);
  }

  sendFrame(frame: Uint8Array): boolean {
    return this.#state.state === 'connected' && (this.#socket?.sendFrame(frame) ?? false);
  }

  backlog(): number {
    return this.#socket?.backlog() ?? 0;
  }

  #dial(): void {
    if (this.#closed) return;
    let key: string | undefined;
    try {
      const trust = this.#options.trust();
      key = expectedKey(trust.pinned, trust.joinToken);
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      this.#become({ state: 'stopped', error: error.error });
      return;
    }
    const error = this.#state.error;
    this.#become({ state: 'connecting', ...(error ? { error } : {}) });
    const { socketUrl, identity, clock, logger, introduce, load, onMessage } = this.#options;
    const socket = new AgentSocket({
      url: socketUrl,
      expectedKey: key,
      identity,
      clock,
      logger,
      introduce,
      load,
      onMessage: (message) => {
        if (this.#socket === socket) onMessage(message);
      },
      onRegistered: (registered, orchestratorKey) => {
        this.#failures = 0;
        this.#become({ state: 'connected' });
        this.#options.onRegistered(registered, orchestratorKey);
      },
      onEnd: (end) => {
        if (this.#socket === socket) this.#onEnd(end);
      },
    });
    this.#socket = socket;
  }

  #onEnd(end: SocketEnd): void {
    this.#socket = undefined;
    if (this.#closed) return;
    if (end.final) {
      this.#options.logger.error({ code: end.error.code }, end.error.message);
      this.#become({ state: 'stopped', error: end.error });
      return;
    }
    const timing = SLOW_CODES.includes(end.code) ? SLOW_BACKOFF : BACKOFF;
    const waitMs = 50 + backoffMs(this.#failures, { ...timing, random: this.#options.random ?? Math.random });
    this.#failures += 1;
    this.#options.logger.warn({ code: end.error.code, waitMs }, end.error.message);
    this.#stopWaiting = this.#options.clock.after(waitMs, () => this.#dial());
    const retryAt = this.#options.clock.now() + waitMs;
    this.#become({ state: 'waiting', error: end.error, retryAt });
  }

  #become(next: Omit<ConnectionState, 'since'>): void {
    const same = next.state === this.#state.state;
    this.#state = { ...next, since: same ? this.#state.since : this.#options.clock.now() };
    this.#options.onStateChange(this.#state);
  }
}

export function createConnection(options: ConnectionOptions): Connection {
  return new Connection(options);
}
