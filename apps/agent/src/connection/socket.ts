import type { AgentMessage, Registered } from '@otherthing/protocol/agent';
import { MAX_MESSAGE_BYTES } from '@otherthing/protocol/agent';
import { CLOSE_CODES, closeReason } from '@otherthing/protocol/close-codes';
import { AppError, ERRORS, type ErrorCode } from '@otherthing/protocol/errors';
import { type Clock, type Logger, SECOND } from '@otherthing/runtime';
import WebSocket, { type RawData } from 'ws';
import type { Identity } from '../identity/index.ts';
import {
  answerChallenge,
  checkChallenge,
  checkRegistered,
  HandshakeError,
  type Introduction,
} from './handshake.ts';
import { type Link, type LinkMessage, parseLinkMessage } from './messages.ts';

/** Why a socket ended. */
export type SocketEnd = { readonly error: AppError; readonly final: boolean; readonly code: number };

export type SocketOptions = {
  readonly url: string;
  readonly identity: Identity;
  readonly expectedKey: string | undefined;
  readonly introduce: () => Introduction;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Both sides proved who they are. */
  readonly onRegistered: (registered: Registered, orchestratorKey: string) => void;
  readonly onMessage: (message: LinkMessage) => void;
  readonly onEnd: (end: SocketEnd) => void;
  readonly load: () => { cpu: number; memory: number } | undefined;
};

const HANDSHAKE_MS = 20 * SECOND;
/** Unanswered heartbeats until a link counts as dead. */
const SILENT_BEATS = 3;
const MAX_BROKEN_MESSAGES = 20;

/** One socket from dialling to its end; `onEnd` is called exactly once. */
export class AgentSocket implements Link {
  readonly #options: SocketOptions;
  readonly #ws: WebSocket;
  #state: 'challenge' | 'registering' | 'registered' | 'ended' = 'challenge';
  #sent: { agentNonce: string; orchestratorKey: string } | undefined;
  #lastError: AppError | undefined;
  #lastHeard: number;
  #broken = 0;
  #stops: (() => void)[] = [];

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#lastHeard = options.clock.now();
    this.#ws = new WebSocket(options.url, {
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      handshakeTimeout: HANDSHAKE_MS,
      followRedirects: false,
    });
    this.#stops.push(options.clock.after(HANDSHAKE_MS, () => this.#handshakeLate()));
    this.#ws.on('message', (data, binary) => this.#onData(data, binary));
    this.#ws.on('close', (code, reason) => this.#onClose(code, reason.toString()));
    this.#ws.on('error', (error) => this.#onSocketError(error));
  }

  send(message: AgentMessage): boolean {
    if (this.#state !== 'registered' || this.#ws.readyState !== WebSocket.OPEN) return false;
    this.#ws.send(JSON.stringify(message));
    return true;
  }

  sendFrame(frame: Uint8Array): boolean {
    if (this.#state !== 'registered' || this.#ws.readyState !== WebSocket.OPEN) return false;
    this.#ws.send(frame);
    return true;
  }

  backlog(): number {
    return this.#ws.bufferedAmount;
  }

  /** Says goodbye; the end is reported as a clean one. */
  close(): void {
    this.#end({ error: new AppError('unavailable', { message: 'The agent closed the connection.' }) });
    this.#ws.close(1000);
  }

  #onData(data: RawData, binary: boolean): void {
    if (this.#state === 'ended') return;
    this.#lastHeard = this.#options.clock.now();
    const parsed = binary
      ? { ok: false as const, problem: 'a binary frame' }
      : parseLinkMessage(data.toString());
    if (!parsed.ok) {
      this.#onBroken(parsed.problem);
      return;
    }
    try {
      this.#onLinkMessage(parsed.message);
    } catch (error) {
      if (error instanceof HandshakeError) this.#refuse(error);
      else
        this.#options.logger.error(
          { err: error, type: parsed.message.type },
          'a message could not be handled',
        );
    }
  }

  #onLinkMessage(message: LinkMessage): void {
    if (message.type === 'error') {
      this.#lastError = new AppError(message.code, { message: message.message, hint: message.hint });
      this.#options.logger.warn({ code: message.code }, message.message);
      return;
    }
    if (this.#state === 'registered') {
      if (message.type !== 'challenge' && message.type !== 'registered') this.#options.onMessage(message);
      return;
    }
    if (this.#state === 'challenge' && message.type === 'challenge') {
      checkChallenge(message, this.#options.expectedKey);
      const { register, agentNonce } = answerChallenge(
        this.#options.identity,
        message,
        this.#options.introduce(),
      );
      this.#sent = { agentNonce, orchestratorKey: message.orchestrator_key };
      this.#state = 'registering';
      this.#ws.send(JSON.stringify(register));
    } else if (this.#state === 'registering' && message.type === 'registered' && this.#sent) {
      checkRegistered(this.#options.identity, message, this.#sent);
      this.#established(message, this.#sent.orchestratorKey);
    } else this.#onBroken(`${message.type} before both sides proved who they are`);
  }

  #established(registered: Registered, orchestratorKey: string): void {
    this.#state = 'registered';
    this.#stopTimers();
    const { clock } = this.#options;
    this.#stops.push(clock.every(registered.heartbeat_ms, () => this.#beat(registered.heartbeat_ms)));
    this.#options.onRegistered(registered, orchestratorKey);
  }

  #beat(everyMs: number): void {
    const silentMs = this.#options.clock.now() - this.#lastHeard;
    if (silentMs > SILENT_BEATS * everyMs) {
      const seconds = Math.round(silentMs / 1000);
      this.#end({
        error: new AppError('unavailable', { message: `The orchestrator was silent for ${seconds} s.` }),
      });
      this.#ws.terminate();
      return;
    }
    const load = this.#options.load();
    this.send({ type: 'heartbeat', ...(load ? { load } : {}) });
  }

  #onBroken(problem: string): void {
    this.#broken += 1;
    this.#options.logger.warn({ problem }, 'a message of the orchestrator is not understood and passed over');
    if (this.#broken < MAX_BROKEN_MESSAGES && this.#state === 'registered') return;
    this.#end({ error: new AppError('protocol_error', { message: `Not understood: ${problem}.` }) });
    this.#ws.close(CLOSE_CODES.protocol_error.code, 'protocol_error');
  }

  #refuse(error: HandshakeError): void {
    this.#end({ error: error.error, final: error.final });
    this.#ws.close(CLOSE_CODES.signature_invalid.code, error.error.code);
  }

  #handshakeLate(): void {
    this.#end({
      error: new AppError('unavailable', { message: 'The orchestrator did not answer in time.' }),
    });
    this.#ws.terminate();
  }

  #onSocketError(error: Error): void {
    this.#end({
      error: new AppError('unavailable', {
        message: `The orchestrator cannot be reached: ${error.message || 'no connection'}.`,
        hint: 'The agent tries again by itself. Check that the orchestrator runs and that this machine reaches it.',
        cause: error,
      }),
    });
  }

  #onClose(code: number, text: string): void {
    const reason = closeReason(code);
    const fromReason = (Object.keys(ERRORS) as ErrorCode[]).find((key) => key === reason);
    const error =
      this.#lastError ??
      new AppError(fromReason ?? 'unavailable', {
        ...(fromReason ? {} : { message: `The connection was closed (${code}${text ? ` ${text}` : ''}).` }),
      });
    this.#end({ error, final: reason !== undefined && !CLOSE_CODES[reason].retry, code });
  }

  #end(end: { error: AppError; final?: boolean; code?: number }): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#stopTimers();
    this.#options.onEnd({ error: end.error, final: end.final ?? false, code: end.code ?? 1006 });
  }

  #stopTimers(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }
}
