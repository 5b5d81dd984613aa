import { readSync, writeSync } from 'node:fs';

/** One message between agent and engine: a small JSON head and bytes. */
export type Frame = { readonly head: Readonly<Record<string, unknown>>; readonly body: Buffer };

const PREFIX = 8;
export const MAX_HEAD_BYTES = 64 * 1024;
const EMPTY = Buffer.alloc(0);

export function packFrame(head: Frame['head'], body: Uint8Array = EMPTY): Buffer {
  const json = Buffer.from(JSON.stringify(head));
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32LE(json.length, 0);
  prefix.writeUInt32LE(body.length, 4);
  return Buffer.concat([prefix, json, body]);
}

const parseHead = (bytes: Buffer): Frame['head'] => JSON.parse(bytes.toString('utf8')) as Frame['head'];

/** Cuts a stream into frames; throws for one that is larger than agreed. */
export class FrameReader {
  readonly #maxBody: () => number;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(maxBody: () => number) {
    this.#maxBody = maxBody;
  }

  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const frames: Frame[] = [];
    for (let frame = this.#take(); frame; frame = this.#take()) frames.push(frame);
    return frames;
  }

  #take(): Frame | undefined {
    if (this.#size < PREFIX) return undefined;
    const prefix = this.#peek(PREFIX);
    const head = prefix.readUInt32LE(0);
    const body = prefix.readUInt32LE(4);
    if (head > MAX_HEAD_BYTES || body > this.#maxBody()) throw new Error('the engine sent too much at once');
    const total = PREFIX + head + body;
    if (this.#size < total) return undefined;
    const all = this.#peek(this.#size);
    this.#chunks = [all.subarray(total)];
    this.#size -= total;
    return { head: parseHead(all.subarray(PREFIX, PREFIX + head)), body: all.subarray(PREFIX + head, total) };
  }

  #peek(bytes: number): Buffer {
    const [first] = this.#chunks;
    if (!first || first.length < bytes) this.#chunks = [Buffer.concat(this.#chunks)];
    return (this.#chunks[0] as Buffer).subarray(0, bytes);
  }
}

/** For the engine, which has nothing else to do while it waits. Undefined when the agent is gone. */
export function readFrameSync(fd: number): Frame | undefined {
  const prefix = readExactly(fd, PREFIX);
  if (!prefix) return undefined;
  const head = readExactly(fd, prefix.readUInt32LE(0));
  const body = readExactly(fd, prefix.readUInt32LE(4));
  return head && body ? { head: parseHead(head), body } : undefined;
}

export function writeAllSync(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

function readExactly(fd: number, size: number): Buffer | undefined {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const read = readSync(fd, bytes, at, size - at, null);
    if (read === 0) return undefined;
    at += read;
  }
  return bytes;
}
