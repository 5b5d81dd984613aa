import type { AttemptRef } from '@otherthing/protocol/agent';
import {
  encodeFrame,
  FRAME_HEADER_BYTES,
  MAX_FRAME_BYTES,
  MAX_OUTPUT_IN_FLIGHT_BYTES,
} from '@otherthing/protocol/output';
import type { Logger } from '@otherthing/runtime';
import type { Link } from '../connection/index.ts';
import type { Spool } from './spool.ts';

type Channel = {
  readonly ref: AttemptRef;
  readonly spool: Spool;
  /** Number on the current connection; 0 while it was not opened there. */
  id: number;
  /** The orchestrator said where to go on. */
  ready: boolean;
  sent: number;
};

/** More than this in the socket's own buffer, and output waits, so that control messages are never far behind. */
const MAX_BACKLOG_BYTES = 128 * 1024;
const BACKLOG_WAIT_MS = 5;

/**
 * Sends the spools of all attempts over one link: turn by turn, in frames of at most 64 KiB, at most 256 KiB of them
 * unacknowledged, each from where the orchestrator says.
 */
export class OutputSender {
  readonly #link: Link;
  readonly #logger: Logger;
  readonly #channels = new Set<Channel>();
  #byId = new Map<number, Channel>();
  #nextId = 1;
  #connected = false;
  #pumping = false;
  #again = false;

  constructor(options: { link: Link; logger: Logger }) {
    this.#link = options.link;
    this.#logger = options.logger;
  }

  /** Starts to send a spool; `remove` ends it. */
  add(ref: AttemptRef, spool: Spool): void {
    const channel: Channel = { ref, spool, id: 0, ready: false, sent: spool.acked };
    this.#channels.add(channel);
    spool.onChange = () => this.#wake();
    this.#wake();
  }

  remove(spool: Spool): void {
    for (const channel of this.#channels) {
      if (channel.spool !== spool) continue;
      this.#channels.delete(channel);
      this.#byId.delete(channel.id);
    }
    spool.onChange = () => undefined;
    this.#wake();
  }

  /** A new connection: every channel is opened again and goes on where the orchestrator says. */
  onConnected(): void {
    this.#connected = true;
    this.#byId = new Map();
    this.#nextId = 1;
    for (const channel of this.#channels) {
      channel.id = 0;
      channel.ready = false;
    }
    this.#wake();
  }

  onDisconnected(): void {
    this.#connected = false;
  }

  async onAck(ack: { channel: number; offset: number; closed?: boolean | undefined }): Promise<void> {
    const channel = this.#byId.get(ack.channel);
    if (!channel) return;
    const { spool } = channel;
    if (ack.closed) {
      spool.discard();
      this.remove(spool);
      return;
    }
    if (!channel.ready) {
      if (ack.offset < spool.acked)
        this.#logger.error({ ...channel.ref, offset: ack.offset }, 'the orchestrator lost stored output');
      channel.sent = Math.min(spool.end, Math.max(ack.offset, spool.acked));
      channel.ready = true;
    }
    await spool.release(Math.min(ack.offset, channel.sent));
    this.#wake();
  }

  #inFlight(): number {
    let bytes = 0;
    for (const channel of this.#byId.values()) if (channel.ready) bytes += channel.sent - channel.spool.acked;
    return bytes;
  }

  #wake(): void {
    this.#again = true;
    if (this.#pumping || !this.#connected || this.#channels.size === 0) return;
    this.#pumping = true;
    void this.#pump()
      .catch((error: unknown) => this.#logger.error({ err: error }, 'output could not be sent'))
      .finally(() => {
        this.#pumping = false;
        // Somebody may have called while the last turn was ending.
        if (this.#again) this.#wake();
      });
  }

  async #pump(): Promise<void> {
    while (this.#again && this.#connected) {
      this.#again = false;
      for (const channel of [...this.#channels]) {
        if (!this.#connected) return;
        if (await this.#sendOne(channel)) this.#again = true;
      }
      if (this.#link.backlog() > MAX_BACKLOG_BYTES) {
        await new Promise((resolve) => setTimeout(resolve, BACKLOG_WAIT_MS));
        this.#again = true;
      }
    }
  }

  /** Opens the channel or sends one frame of it; true when something was sent that may be followed by more. */
  async #sendOne(channel: Channel): Promise<boolean> {
    const { spool } = channel;
    if (channel.id === 0) {
      if (spool.end > spool.acked) this.#open(channel);
      return false;
    }
    if (!channel.ready || channel.sent >= spool.end) return false;
    const room = MAX_OUTPUT_IN_FLIGHT_BYTES - this.#inFlight();
    if (room < MAX_FRAME_BYTES || this.#link.backlog() > MAX_BACKLOG_BYTES) return false;
    const id = channel.id;
    const records = await spool.read(channel.sent, MAX_FRAME_BYTES - FRAME_HEADER_BYTES);
    // The connection may have changed while the disk was read.
    if (records.length === 0 || channel.id !== id || !channel.ready) return false;
    if (!this.#link.sendFrame(encodeFrame({ channel: id, offset: channel.sent, records }))) return false;
    channel.sent += records.length;
    return true;
  }

  #open(channel: Channel): void {
    const id = this.#nextId;
    const { job_id, epoch } = channel.ref;
    if (!this.#link.send({ type: 'output_open', channel: id, job_id, epoch })) return;
    this.#nextId += 1;
    channel.id = id;
    this.#byId.set(id, channel);
  }
}
