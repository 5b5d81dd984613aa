import { CLOSE_CODES, closeReason } from '@otherthing/protocol/close-codes';
import { LiveEvent, type LiveRequest } from '@otherthing/protocol/live';
import { type LiveCursor, type LiveStep, stepRevision } from './live-revision.ts';
import { retryDelayMs } from './retry.ts';

/** `refused`: the session ended or the membership is gone; it does not come back by itself. */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'refused';

/** The part of a WebSocket this needs; browsers and Node have it. */
export type LiveSocket = {
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
};

export type LiveClientOptions = {
  /** For example `ws://localhost:8420/ws/live`, see `liveUrl`. */
  readonly url: string;
  /** Other than the global WebSocket, for example one that sends an Authorization header. */
  readonly openSocket?: (url: string) => LiveSocket;
  /** Ids that changed, by topic. */
  readonly onChanged: (topics: LiveStep['topics']) => void;
  /** Something may have been missed: read the snapshots again. */
  readonly onGap: () => void;
  /** `since`: milliseconds since 1970. */
  readonly onState?: (state: LiveState, since: number) => void;
  /** Silence after which the connection counts as broken. */
  readonly silentMs?: number;
};

export type LiveClient = {
  /** Follows this workspace from now on; connects when needed. */
  watch(workspaceId: string): void;
  /** Tries again at once, for example when a page becomes visible. */
  wake(): void;
  close(): void;
};

/** The address of live events of the orchestrator at `baseUrl`. */
export function liveUrl(baseUrl: string): string {
  return `${baseUrl.replace(/^http/, 'ws').replace(/\/+$/, '')}/ws/live`;
}

/** Live events that survive broken connections; every reconnect ends in either the missing events or `onGap`. */
export function createLiveClient(options: LiveClientOptions): LiveClient {
  const live = new Live(options);
  return {
    watch: (workspaceId) => live.watch(workspaceId),
    wake: () => live.wake(),
    close: () => live.close(),
  };
}

class Live {
  readonly #options: LiveClientOptions;
  #socket: LiveSocket | undefined;
  #open = false;
  #closed = false;
  #failures = 0;
  #workspaceId: string | undefined;
  #cursor: LiveCursor | undefined;
  #state: LiveState | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #beat: ReturnType<typeof setInterval> | undefined;
  #heardAt = 0;

  constructor(options: LiveClientOptions) {
    this.#options = options;
  }

  watch(workspaceId: string): void {
    if (this.#closed || this.#workspaceId === workspaceId) return;
    this.#workspaceId = workspaceId;
    if (this.#open) this.#send({ type: 'watch', workspaceId });
    else if (!this.#socket && this.#retry === undefined) this.#connect();
  }

  wake(): void {
    if (this.#closed || this.#socket || !this.#workspaceId) return;
    clearTimeout(this.#retry);
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#drop();
  }

  #connect(): void {
    this.#retry = undefined;
    this.#enter(this.#cursor || this.#failures > 0 ? 'reconnecting' : 'connecting');
    const open = this.#options.openSocket ?? ((url: string) => new WebSocket(url) as unknown as LiveSocket);
    const socket = open(this.#options.url);
    this.#socket = socket;
    socket.onopen = () => {
      if (this.#socket !== socket) return;
      this.#open = true;
      this.#heardAt = Date.now();
      if (this.#workspaceId) this.#send({ type: 'watch', workspaceId: this.#workspaceId });
      this.#beat = setInterval(() => this.#checkPulse(), (this.#options.silentMs ?? 45_000) / 3);
    };
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#receive(event.data);
    };
    socket.onclose = (event) => {
      if (this.#socket === socket) this.#lost(event.code);
    };
  }

  #receive(data: unknown): void {
    this.#heardAt = Date.now();
    const event = parseEvent(data);
    if (!event || event.type === 'pong') return;
    if (event.type === 'error') return;
    if (event.workspaceId !== this.#workspaceId) return;
    const step = stepRevision(this.#cursor, event);
    this.#cursor = step.cursor;
    this.#failures = 0;
    this.#enter('live');
    if (step.gap) this.#options.onGap();
    else if (Object.keys(step.topics).length > 0) this.#options.onChanged(step.topics);
  }

  #lost(code: number): void {
    this.#drop();
    if (this.#closed) return;
    const reason = closeReason(code);
    if (reason && !CLOSE_CODES[reason].retry) {
      this.#enter('refused');
      return;
    }
    this.#enter('reconnecting');
    this.#retry = setTimeout(() => this.#connect(), retryDelayMs(this.#failures++, { capMs: 10_000 }));
  }

  #checkPulse(): void {
    if (Date.now() - this.#heardAt > (this.#options.silentMs ?? 45_000)) this.#lost(0);
    else this.#send({ type: 'ping' });
  }

  #send(request: LiveRequest): void {
    this.#socket?.send(JSON.stringify(request));
  }

  #drop(): void {
    clearInterval(this.#beat);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#open = false;
    socket?.close();
  }

  #enter(state: LiveState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState?.(state, Date.now());
  }
}

function parseEvent(data: unknown): LiveEvent | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    return LiveEvent.parse(JSON.parse(data));
  } catch {
    // A newer orchestrator may send events this page does not know.
    return undefined;
  }
}
