import { type FileHandle, mkdir, open, readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeRecords } from '@otherthing/protocol/output';

/**
 * The part of an attempt's output that the orchestrator has not stored yet, on disk: files of whole records, named by
 * the offset of their first byte. Stored files are deleted, so a chatty job needs no more space than `capBytes`.
 */
const SEGMENT_BYTES = 4 * 1024 * 1024;
export const SPOOL_CAP_BYTES = 64 * 1024 * 1024;

type Segment = { readonly start: number; readonly path: string; length: number };

export class Spool {
  readonly #folder: string;
  readonly #capBytes: number;
  #segments: Segment[] = [];
  #end = 0;
  #acked = 0;
  #writer: FileHandle | undefined;
  #reader: { readonly segment: Segment; readonly file: FileHandle } | undefined;
  #finished = false;
  #discarding = false;
  #wakeRoom: (() => void)[] = [];
  #wakeDone: (() => void)[] = [];
  /** Called when there is more to send or nothing more will come. */
  onChange: () => void = () => undefined;

  constructor(folder: string, capBytes = SPOOL_CAP_BYTES) {
    this.#folder = folder;
    this.#capBytes = capBytes;
  }

  /** The spool of an attempt that ended in an earlier process. A torn end is cut off. */
  static async recover(folder: string): Promise<Spool> {
    const spool = new Spool(folder);
    const names = await readdir(folder).catch(() => []);
    const starts = names.filter((name) => /^\d+$/.test(name)).map(Number);
    for (const start of starts.sort((a, b) => a - b)) {
      const path = join(folder, String(start));
      const length = await wholeRecords(path);
      if (spool.#segments.length > 0 && start !== spool.#end) break;
      if (spool.#segments.length === 0) spool.#acked = start;
      spool.#segments.push({ start, path, length });
      spool.#end = start + length;
    }
    spool.#finished = true;
    return spool;
  }

  /** Length of the stream so far. */
  get end(): number {
    return this.#end;
  }

  /** Everything before is stored by the orchestrator. */
  get acked(): number {
    return this.#acked;
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Nobody wants the output any more; it is read and thrown away. */
  get discarding(): boolean {
    return this.#discarding;
  }

  /** Waits until the orchestrator stored enough for more to be kept: this is what stops a job that prints too fast. */
  async room(): Promise<void> {
    while (!this.#discarding && this.#end - this.#acked >= this.#capBytes)
      await new Promise<void>((resolve) => this.#wakeRoom.push(resolve));
  }

  /** Adds whole records. One caller at a time. On a failure nothing of them is kept. */
  async append(records: Uint8Array): Promise<void> {
    if (this.#discarding) {
      this.#end += records.length;
      this.#acked = this.#end;
      return;
    }
    let last = this.#segments.at(-1);
    if (!last || !this.#writer || last.length >= SEGMENT_BYTES) {
      await this.#writer?.close();
      this.#writer = undefined;
      if (this.#segments.length === 0) await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const path = join(this.#folder, String(this.#end));
      this.#writer = await open(path, 'w', 0o600);
      last = { start: this.#end, path, length: 0 };
      this.#segments.push(last);
    }
    try {
      await writeAll(this.#writer, records, last.length);
    } catch (error) {
      await this.#writer.truncate(last.length);
      throw error;
    }
    last.length += records.length;
    this.#end += records.length;
    this.onChange();
  }

  /** No more will be appended; what is there survives a power cut afterwards. */
  async finish(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    try {
      await writer?.datasync();
      await writer?.close();
    } finally {
      this.#finished = true;
      this.#settle();
      this.onChange();
    }
  }

  /** Whole records from `offset` on, at most `max` bytes; empty when there is nothing yet. */
  async read(offset: number, max: number): Promise<Uint8Array> {
    const segment = this.#segments.find(
      (entry) => offset >= entry.start && offset < entry.start + entry.length,
    );
    if (!segment) return new Uint8Array(0);
    if (this.#reader?.segment !== segment) {
      await this.#reader?.file.close();
      this.#reader = undefined;
      this.#reader = { segment, file: await open(segment.path, 'r') };
    }
    const at = offset - segment.start;
    const bytes = Buffer.allocUnsafe(Math.min(max, segment.length - at));
    const { bytesRead } = await this.#reader.file.read(bytes, 0, bytes.length, at);
    const { consumed } = decodeRecords(bytes.subarray(0, bytesRead));
    return bytes.subarray(0, consumed);
  }

  /** The orchestrator stored everything before `offset`. */
  async release(offset: number): Promise<void> {
    this.#acked = Math.min(this.#end, Math.max(this.#acked, offset));
    const isDone = (segment: Segment) =>
      segment.start + segment.length <= this.#acked && (segment.length >= SEGMENT_BYTES || this.#finished);
    const done = this.#segments.filter(isDone);
    this.#segments = this.#segments.filter((segment) => !done.includes(segment));
    this.#settle();
    for (const segment of done) await rm(segment.path, { force: true });
  }

  /** From now on nothing is kept. */
  discard(): void {
    this.#discarding = true;
    this.#acked = this.#end;
    this.#settle();
  }

  /** Resolves once all of it is stored, or nobody wants it. */
  async delivered(): Promise<void> {
    while (!this.#isDelivered()) await new Promise<void>((resolve) => this.#wakeDone.push(resolve));
  }

  async close(): Promise<void> {
    this.discard();
    await this.#writer?.close();
    await this.#reader?.file.close();
    this.#writer = undefined;
    this.#reader = undefined;
  }

  #isDelivered(): boolean {
    return this.#discarding || (this.#finished && this.#acked >= this.#end);
  }

  #settle(): void {
    const room = this.#wakeRoom;
    this.#wakeRoom = [];
    for (const wake of room) wake();
    if (!this.#isDelivered()) return;
    const done = this.#wakeDone;
    this.#wakeDone = [];
    for (const wake of done) wake();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

async function wholeRecords(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    const bytes = await file.readFile();
    const { consumed } = decodeRecords(bytes);
    if (consumed < bytes.length) await truncate(path, consumed);
    return consumed;
  } finally {
    await file.close();
  }
}
