import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { syncFolder } from '../disk/index.ts';

/**
 * An append-only file of records: length (u32), crc32 (u32), payload (UTF-8 JSON). Appends that arrive while a write
 * is under way go together in the next one (group commit). A torn or damaged end is cut off at opening.
 */
export type RecordLog = {
  /** Resolves once written; with `durable` once it survives a power cut. Rejects all appends of a batch that failed. */
  append(record: unknown, options: { durable: boolean }): Promise<void>;
  /** Replaces the file by these records, atomically. Appends wait meanwhile. */
  rewrite(records: () => readonly unknown[]): Promise<void>;
  /** Bytes of the file. */
  size(): number;
  close(): Promise<void>;
};

const HEADER_BYTES = 8;
const MAX_RECORD_BYTES = 16 * 1024 * 1024;

function encode(record: unknown): Buffer {
  const payload = Buffer.from(JSON.stringify(record));
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  bytes.writeUInt32BE(payload.length, 0);
  bytes.writeUInt32BE(crc32(payload), 4);
  payload.copy(bytes, HEADER_BYTES);
  return bytes;
}

/** The whole records at the start of `bytes`, and where they end. */
export function decodeLog(bytes: Buffer): { records: unknown[]; end: number } {
  const records: unknown[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const end = at + HEADER_BYTES + length;
    // Length 0 is what a crash leaves where the file grew but its bytes never came.
    if (length === 0 || length > MAX_RECORD_BYTES || end > bytes.length) break;
    const payload = bytes.subarray(at + HEADER_BYTES, end);
    if (crc32(payload) !== bytes.readUInt32BE(at + 4)) break;
    records.push(JSON.parse(payload.toString('utf8')));
    at = end;
  }
  return { records, end: at };
}

type Waiting = {
  readonly bytes: Buffer;
  readonly durable: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/** Opens or creates a log. `cut` is how many bytes of a torn end were dropped. */
export async function openRecordLog(
  path: string,
): Promise<{ log: RecordLog; records: unknown[]; cut: number }> {
  const file = await open(path, 'a+', 0o600);
  const bytes = await file.readFile();
  const { records, end } = decodeLog(bytes);
  if (end < bytes.length) await file.truncate(end);
  await syncFolder(dirname(path));
  return { log: new FileRecordLog(path, file, end), records, cut: bytes.length - end };
}

class FileRecordLog implements RecordLog {
  readonly #path: string;
  #file: FileHandle;
  #size: number;
  #waiting: Waiting[] = [];
  #turn: Promise<void> = Promise.resolve();
  #scheduled = false;

  constructor(path: string, file: FileHandle, size: number) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
  }

  size(): number {
    return this.#size;
  }

  append(record: unknown, options: { durable: boolean }): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes: encode(record), durable: options.durable, resolve, reject });
      this.#schedule();
    });
  }

  rewrite(records: () => readonly unknown[]): Promise<void> {
    return this.#inTurn(async () => {
      const bytes = Buffer.concat(records().map(encode));
      const temporary = `${this.#path}.tmp`;
      await rm(temporary, { force: true });
      const next = await open(temporary, 'ax+', 0o600);
      try {
        await next.writeFile(bytes);
        await next.sync();
        await rename(temporary, this.#path);
      } catch (error) {
        await next.close();
        await rm(temporary, { force: true });
        throw error;
      }
      const previous = this.#file;
      this.#file = next;
      this.#size = bytes.length;
      await previous.close();
      await syncFolder(dirname(this.#path));
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(() => this.#writeWaiting());
    await this.#inTurn(() => this.#file.close());
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    // Each caller hears of its own failure; the next turn starts regardless.
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    void this.#inTurn(() => {
      this.#scheduled = false;
      return this.#writeWaiting();
    });
  }

  async #writeWaiting(): Promise<void> {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    const bytes = Buffer.concat(batch.map((entry) => entry.bytes));
    try {
      await this.#file.appendFile(bytes);
      if (batch.some((entry) => entry.durable)) await this.#file.datasync();
      this.#size += bytes.length;
      for (const entry of batch) entry.resolve();
    } catch (error) {
      // A part may have reached the file: without the cut the next record would follow a torn one and be lost with it.
      await this.#file.truncate(this.#size).catch(() => undefined);
      for (const entry of batch) entry.reject(error);
    }
  }
}
