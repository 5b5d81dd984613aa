import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AgentMessage,
  type Assignment,
  type Outcome,
  type Register,
  registeredText,
  registerText,
} from '@otherthing/protocol/agent';
import { CLOSE_CODES, type CloseReason } from '@otherthing/protocol/close-codes';
import { ERRORS, type ErrorCode } from '@otherthing/protocol/errors';
import { newId } from '@otherthing/protocol/ids';
import { decodeFrame, decodeRecords } from '@otherthing/protocol/output';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { newNonce, verifySignature } from '../identity/index.ts';

/**
 * The other end of the agent link for tests: real sockets, real signatures, real HTTP transfers, in memory. It checks
 * what an agent must keep to (signatures, frames, order) and does otherwise what a test tells it.
 */
export type ScriptedOptions = {
  readonly port?: number;
  readonly keys?: ReturnType<typeof newKeys>;
  readonly heartbeatMs?: number;
  /** The nonce of every challenge; random if left out. */
  readonly nonce?: string;
  /** Replaces the reply to `register`, for example by a wrong signature. */
  readonly registered?: (message: Record<string, unknown>, register: Register) => Record<string, unknown>;
  readonly join?: { approved: boolean };
  /** Milliseconds until output is acknowledged; -1 for never. */
  readonly ackOutputMs?: number;
  readonly ackOutcomes?: boolean;
  /** Answers every heartbeat unless false. */
  readonly beats?: boolean;
};

export function newKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const x = publicKey.export({ format: 'jwk' }).x as string;
  return { privateKey, publicKey: x };
}

export const WORKSPACE = newId('ws');
type Output = { length: number; chunks: Uint8Array[] };
const keyOf = (ref: { job_id: string; epoch: number }): string => `${ref.job_id}.${ref.epoch}`;

export class ScriptedOrchestrator {
  readonly keys: ReturnType<typeof newKeys>;
  readonly received: AgentMessage[] = [];
  readonly registers: Register[] = [];
  readonly outcomes = new Map<string, Outcome>();
  readonly outcomeLog: Outcome[] = [];
  readonly outputs = new Map<string, Output>();
  readonly inputs = new Map<string, Buffer>();
  readonly artifacts = new Map<string, Buffer>();
  readonly transferTokens: string[] = [];
  readonly requests: string[] = [];
  /** Violations of the protocol by the agent; tests expect none. */
  readonly violations: string[] = [];
  maxInFlight = 0;
  /** Answers `register` by this error and its close code. */
  refuseRegister: ErrorCode | undefined;
  refuseUploads: { status: number; code: string } | undefined;
  /** Downloads begin and never go on. */
  stallDownloads = false;
  /** Uploads are read so far and then left hanging. */
  stallUploadAfter: number | undefined;
  stalledUploads = 0;
  /** Breaks the connection of an upload after so many bytes, once. */
  breakUploadAfter: number | undefined;
  /** Breaks the connection of a download after so many bytes, once. */
  breakDownloadAfter: number | undefined;
  options: ScriptedOptions;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: 8 * 1024 * 1024 });
  #ws: WebSocket | undefined;
  #channels = new Map<number, { key: string; sent: number; acked: number }>();
  #waiters = new Set<() => void>();

  constructor(options: ScriptedOptions = {}) {
    this.options = options;
    this.keys = options.keys ?? newKeys();
    this.#server = createServer((request, response) => void this.#onHttp(request, response));
    this.#server.on('upgrade', (request, socket, head) =>
      this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#onSocket(ws)),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get connected(): boolean {
    return this.#ws !== undefined && this.registers.length > 0;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(this.options.port ?? 0, '127.0.0.1', resolve));
    return this;
  }

  /** Vanishes like a killed process. */
  async stop(): Promise<void> {
    for (const ws of this.#sockets.clients) ws.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#ws = undefined;
  }

  /** Waits for a condition that some message makes true. */
  async until<T>(get: () => T | undefined | false | '', what: string, ms = 20_000): Promise<T> {
    const end = Date.now() + ms;
    for (;;) {
      const value = get();
      if (value) return value;
      if (Date.now() > end)
        throw new Error(`waited in vain for ${what}; last: ${JSON.stringify(this.received.slice(-3))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, 50);
        const waiters = this.#waiters;
        function done() {
          clearTimeout(timer);
          waiters.delete(done);
          resolve();
        }
        waiters.add(done);
      });
    }
  }

  outcomeOf(ref: { job_id: string; epoch: number }): Promise<Outcome> {
    return this.until(() => this.outcomes.get(keyOf(ref)), `the outcome of ${keyOf(ref)}`);
  }

  textOf(ref: { job_id: string; epoch: number }, stream = 'stdout'): string {
    const stored = Buffer.concat(this.outputs.get(keyOf(ref))?.chunks ?? []);
    const { records } = decodeRecords(stored);
    return Buffer.concat(records.filter((r) => r.stream === stream).map((r) => r.payload)).toString();
  }

  of<K extends AgentMessage['type']>(type: K): Extract<AgentMessage, { type: K }>[] {
    return this.received.filter((m): m is Extract<AgentMessage, { type: K }> => m.type === type);
  }

  send(message: unknown): void {
    this.#ws?.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  assign(...jobs: Assignment[]): void {
    this.send({ type: 'assign', jobs });
  }

  closeSocket(reason: CloseReason): void {
    this.#ws?.close(CLOSE_CODES[reason].code, reason);
  }

  dropSocket(): void {
    this.#ws?.terminate();
  }

  addInput(content: string | Buffer): { sha256: string; size: number } {
    const bytes = Buffer.from(content);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.inputs.set(sha256, bytes);
    return { sha256, size: bytes.length };
  }

  #wake(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  #onSocket(ws: WebSocket): void {
    const nonce = this.options.nonce ?? newNonce();
    this.#ws = ws;
    this.#channels = new Map();
    ws.on('message', (data, binary) => this.#onData(ws, { data, binary, nonce }));
    ws.on('error', () => ws.terminate());
    ws.on('close', () => {
      if (this.#ws === ws) this.#ws = undefined;
      this.#wake();
    });
    ws.send(
      JSON.stringify({
        type: 'challenge',
        nonce,
        orchestrator_key: this.keys.publicKey,
        protocol: { oldest: 1, newest: 1 },
      }),
    );
  }

  #onData(ws: WebSocket, frame: { data: RawData; binary: boolean; nonce: string }): void {
    if (frame.binary) this.#onFrame(frame.data as Buffer);
    else {
      const message = AgentMessage.parse(JSON.parse(frame.data.toString()));
      this.received.push(message);
      this.#onMessage(ws, message, frame.nonce);
    }
    this.#wake();
  }

  #onMessage(ws: WebSocket, message: AgentMessage, nonce: string): void {
    if (message.type === 'register') this.#onRegister(ws, message, nonce);
    else if (message.type === 'heartbeat' && this.options.beats !== false)
      ws.send(JSON.stringify({ type: 'heartbeat_ack', server_time: new Date().toISOString() }));
    else if (message.type === 'output_open') {
      const key = keyOf(message);
      const output = this.outputs.get(key) ?? { length: 0, chunks: [] };
      this.outputs.set(key, output);
      const offset = output.length;
      this.#channels.set(message.channel, { key, sent: offset, acked: offset });
      ws.send(JSON.stringify({ type: 'output_ack', channel: message.channel, offset }));
    } else if (message.type === 'outcomes') {
      for (const outcome of message.entries) this.#onOutcome(outcome);
      if (this.options.ackOutcomes === false) return;
      const verdicts = message.entries.map(({ seq }) => ({ seq, verdict: 'recorded' }));
      const up_to = message.entries.at(-1)?.seq ?? 0;
      ws.send(JSON.stringify({ type: 'outcomes_ack', outbox_id: message.outbox_id, up_to, verdicts }));
    }
  }

  #onOutcome(outcome: Outcome): void {
    this.outcomeLog.push(outcome);
    const key = keyOf(outcome);
    if (this.outcomes.has(key)) return;
    const stored = this.outputs.get(key)?.length ?? 0;
    if (stored < outcome.output_bytes) this.violations.push(`${key}: outcome before the end of its output`);
    for (const artifact of outcome.artifacts)
      if (!this.artifacts.has(artifact.sha256))
        this.violations.push(`${key}: outcome before ${artifact.path}`);
    this.outcomes.set(key, outcome);
  }

  #onRegister(ws: WebSocket, register: Register, nonce: string): void {
    const text = registerText({
      nonce,
      orchestratorKey: this.keys.publicKey,
      version: register.protocol_version,
      publicKey: register.public_key,
    });
    if (!verifySignature(register.public_key, text, register.signature)) {
      this.violations.push('register with a wrong signature');
      ws.close(CLOSE_CODES.signature_invalid.code);
      return;
    }
    if (this.refuseRegister) {
      const { message, hint, close } = { close: undefined, ...ERRORS[this.refuseRegister] };
      ws.send(JSON.stringify({ type: 'error', code: this.refuseRegister, message, hint }));
      ws.close(close === undefined ? 1011 : CLOSE_CODES[close].code);
      return;
    }
    const nodeId = register.capabilities.node_id;
    const answer = registeredText({
      agentNonce: register.agent_nonce,
      nodeId,
      publicKey: register.public_key,
      orchestratorKey: this.keys.publicKey,
    });
    const message = {
      type: 'registered',
      node_id: nodeId,
      share_key: register.share_key,
      share_key_expires_at: new Date(Date.now() + 86_400_000).toISOString(),
      workspace_ids: [WORKSPACE],
      workspaces: [{ id: WORKSPACE, name: 'Lab' }],
      name: register.name ?? 'machine',
      owner: 'Ada',
      pending_claims: [],
      signature: sign(null, Buffer.from(answer), this.keys.privateKey).toString('base64url'),
      heartbeat_ms: this.options.heartbeatMs ?? 15_000,
      lease_ms: 60_000,
      ...(this.options.join && register.join_token
        ? { join: { id: newId('jt'), workspace_id: WORKSPACE, approved: this.options.join.approved } }
        : {}),
    };
    ws.send(JSON.stringify(this.options.registered?.(message, register) ?? message));
    this.registers.push(register);
  }

  #onFrame(data: Buffer): void {
    if (data.length > 64 * 1024) this.violations.push(`a frame of ${data.length} bytes`);
    const frame = decodeFrame(data);
    const channel = this.#channels.get(frame.channel);
    const output = channel && this.outputs.get(channel.key);
    if (!channel || !output) {
      this.violations.push(`a frame of the unknown channel ${frame.channel}`);
      return;
    }
    if (frame.offset !== output.length) {
      this.violations.push(`a frame at ${frame.offset}, expected ${output.length}`);
      return;
    }
    output.chunks.push(frame.records);
    output.length += frame.records.length;
    channel.sent = output.length;
    const inFlight = [...this.#channels.values()].reduce((sum, entry) => sum + entry.sent - entry.acked, 0);
    this.maxInFlight = Math.max(this.maxInFlight, inFlight);
    const wait = this.options.ackOutputMs ?? 0;
    if (wait < 0) return;
    const ws = this.#ws;
    const ack = () => {
      const offset = frame.offset + frame.records.length;
      channel.acked = Math.max(channel.acked, offset);
      ws?.send(JSON.stringify({ type: 'output_ack', channel: frame.channel, offset }));
    };
    if (wait === 0) ack();
    else setTimeout(ack, wait);
  }

  async #onHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://x');
    this.requests.push(`${request.method} ${url.pathname.split('/').slice(0, 5).join('/')}${url.search}`);
    this.transferTokens.push(request.headers.authorization ?? '');
    const sha256 = url.pathname.split('/').at(-1) ?? '';
    if (url.pathname.startsWith('/api/node/v1/inputs/')) this.#sendInput(request, response, sha256);
    else if (request.method === 'HEAD') this.#sendOffset(response, sha256);
    else if (request.method === 'PUT') await this.#receiveArtifact(request, response, { sha256, url });
    this.#wake();
  }

  readonly #partial = new Map<string, Buffer>();

  #sendOffset(response: ServerResponse, sha256: string): void {
    if (this.artifacts.has(sha256)) response.setHeader('ot-complete', '1');
    response.setHeader('ot-offset', String(this.#partial.get(sha256)?.length ?? 0));
    response.writeHead(204).end();
  }

  #sendInput(request: IncomingMessage, response: ServerResponse, sha256: string): void {
    const bytes = this.inputs.get(sha256);
    if (!bytes) {
      refuse(response, 404, 'blob_not_found');
      return;
    }
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from });
    const breakAfter = this.breakDownloadAfter;
    if (this.stallDownloads) response.write(bytes.subarray(from, from + 1));
    else if (breakAfter === undefined) response.end(bytes.subarray(from));
    else {
      this.breakDownloadAfter = undefined;
      response.write(bytes.subarray(from, from + breakAfter), () =>
        setTimeout(() => response.destroy(), 100),
      );
    }
  }

  async #receiveArtifact(
    request: IncomingMessage,
    response: ServerResponse,
    of: { sha256: string; url: URL },
  ): Promise<void> {
    const have = this.#partial.get(of.sha256) ?? Buffer.alloc(0);
    const offset = Number(of.url.searchParams.get('offset'));
    const size = Number(of.url.searchParams.get('size'));
    if (this.refuseUploads) return refuse(response, this.refuseUploads.status, this.refuseUploads.code);
    if (offset !== have.length) return refuse(response, 409, 'upload_offset');
    const chunks: Buffer[] = [have];
    try {
      let bytes = 0;
      for await (const chunk of request) {
        chunks.push(chunk as Buffer);
        bytes += (chunk as Buffer).length;
        if (this.stallUploadAfter !== undefined && bytes > this.stallUploadAfter) {
          this.stalledUploads += 1;
          this.#wake();
          await new Promise((resolve) => request.once('close', resolve));
          throw new Error('gone');
        }
        if (this.breakUploadAfter === undefined || bytes < this.breakUploadAfter) continue;
        this.breakUploadAfter = undefined;
        request.destroy();
      }
    } catch {
      // The agent went away in the middle: what arrived stays.
      this.#partial.set(of.sha256, Buffer.concat(chunks));
      return;
    }
    const bytes = Buffer.concat(chunks);
    this.#partial.set(of.sha256, bytes);
    const complete = bytes.length === size;
    if (complete && createHash('sha256').update(bytes).digest('hex') !== of.sha256)
      return refuse(response, 422, 'blob_mismatch');
    if (complete) this.artifacts.set(of.sha256, bytes);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ complete, offset: bytes.length }));
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const error = { code, message: `refused: ${code}`, hint: 'none', requestId: 'r', retryable: false };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
}
