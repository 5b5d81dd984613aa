import { createHash, type Hash } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { type FileHandle, open, stat, truncate } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { AppError } from '@otherthing/protocol/errors';
import { BLOB_HEADERS, transfers as routes } from '@otherthing/protocol/http';
import { backoffMs, type Logger, SECOND } from '@otherthing/runtime';
import { isDiskFull } from '../disk/index.ts';
import { call, createAgents, readBody, refusalOf } from './request.ts';

export type Transfers = {
  /** Streams an input into `path`, going on where an earlier try stopped; checks its sha256. */
  download(file: { sha256: string; size: number }, path: string, options: TransferOptions): Promise<void>;
  /** Streams a regular file to the orchestrator, going on where an earlier try stopped. */
  upload(file: { sha256: string; size: number }, path: string, options: TransferOptions): Promise<void>;
  close(): void;
};

/** `token` is asked for at every try: a newer one may have come meanwhile. */
export type TransferOptions = { readonly token: () => string; readonly signal: AbortSignal };

const RETRY = { baseMs: SECOND, capMs: 15 * SECOND };
const UploadReply = routes.putArtifactUpload.reply;
const COMPLETE = -1;
const PROGRESS_WAIT_MS = 20;
/** How often a file may turn out to have other bytes than announced. */
const MAX_MISMATCHES = 3;

type Deps = { readonly baseUrl: string; readonly logger: Logger; readonly random?: () => number };
type Sized = { readonly sha256: string; readonly size: number };

export function createTransfers(deps: Deps): Transfers {
  return new HttpTransfers(deps);
}

class HttpTransfers implements Transfers {
  readonly #deps: Deps;
  readonly #agents = createAgents();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async download(file: Sized, path: string, options: TransferOptions): Promise<void> {
    let mismatches = 0;
    await this.#persist(options.signal, async () => {
      const have = await sizeOf(path);
      if (have > file.size) await truncate(path, 0);
      const from = have > file.size ? 0 : have;
      if (from < file.size || from === 0) await this.#get(file, { path, from }, options);
      if ((await sizeOf(path)) < file.size) return false;
      if ((await hashFile(path)) === file.sha256) return true;
      await truncate(path, 0);
      mismatches += 1;
      if (mismatches >= MAX_MISMATCHES) throw new AppError('blob_mismatch');
      return false;
    });
  }

  async upload(file: Sized, path: string, options: TransferOptions): Promise<void> {
    let offset = 0;
    let known = true;
    await this.#persist(options.signal, async () => {
      if (!known) offset = await this.#offsetOf(file.sha256, options);
      known = false;
      if (offset !== COMPLETE) offset = await this.#put(file, { path, offset }, options);
      known = true;
      return offset === COMPLETE;
    });
  }

  close(): void {
    this.#agents.destroy();
  }

  /** Tries until it works, the orchestrator says no for good, or the caller gives up. An outage is waited for. */
  async #persist(signal: AbortSignal, attempt: () => Promise<boolean>): Promise<void> {
    const random = this.#deps.random ?? Math.random;
    for (let failures = 0; ; failures += 1) {
      signal.throwIfAborted();
      try {
        if (await attempt()) return;
        failures = -1;
        await setTimeout(PROGRESS_WAIT_MS, undefined, { signal });
        continue;
      } catch (error) {
        signal.throwIfAborted();
        if (isFinal(error)) throw error;
        this.#deps.logger.warn({ err: error }, 'a transfer failed and is tried again');
      }
      await setTimeout(200 + backoffMs(failures, { ...RETRY, random }), undefined, { signal });
    }
  }

  #url(kind: 'inputs' | 'artifacts', sha256: string): string {
    return `${this.#deps.baseUrl}/api/node/v1/${kind}/${sha256}`;
  }

  async #get(file: Sized, to: { path: string; from: number }, options: TransferOptions): Promise<void> {
    const response = await call(this.#agents, {
      method: 'GET',
      url: this.#url('inputs', file.sha256),
      token: options.token(),
      signal: options.signal,
      ...(to.from > 0 ? { headers: { range: `bytes=${to.from}-` } } : {}),
    });
    if (response.statusCode !== 200 && response.statusCode !== 206) throw await refusalOf(response);
    const from = response.statusCode === 206 ? to.from : 0;
    await receive(response, to.path, { from, size: file.size });
  }

  /** One PUT from `offset` on; says how far the orchestrator is then. */
  async #put(file: Sized, from: { path: string; offset: number }, options: TransferOptions): Promise<number> {
    const handle = await open(from.path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const reply = await call(this.#agents, {
        method: 'PUT',
        url: `${this.#url('artifacts', file.sha256)}?offset=${from.offset}&size=${file.size}`,
        token: options.token(),
        signal: options.signal,
        body: {
          stream: bodyOf(handle, { from: from.offset, size: file.size }),
          length: file.size - from.offset,
        },
      });
      if (reply.statusCode !== 200) throw await refusalOf(reply);
      const { complete, offset } = UploadReply.parse(JSON.parse(await readBody(reply)));
      return complete ? COMPLETE : offset;
    } finally {
      await handle.close();
    }
  }

  /** How much the orchestrator has; `COMPLETE` for everything. */
  async #offsetOf(sha256: string, options: TransferOptions): Promise<number> {
    const reply = await call(this.#agents, {
      method: 'HEAD',
      url: this.#url('artifacts', sha256),
      token: options.token(),
      signal: options.signal,
    });
    reply.resume();
    if (reply.headers[BLOB_HEADERS.complete] === '1') return COMPLETE;
    const offset = Number(reply.headers[BLOB_HEADERS.offset] ?? 0);
    return Number.isSafeInteger(offset) && offset >= 0 ? offset : 0;
  }
}

/** A refusal that trying again cannot change, or a disk that has no room. */
function isFinal(error: unknown): boolean {
  if (error instanceof AppError) return !error.retryable && error.code !== 'internal';
  return isDiskFull(error) || (error as NodeJS.ErrnoException).code === 'ELOOP';
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

async function receive(
  response: IncomingMessage,
  path: string,
  part: { from: number; size: number },
): Promise<void> {
  let at = part.from;
  await pipeline(
    response,
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        at += chunk.length;
        if (at > part.size) throw new AppError('blob_mismatch');
        yield chunk;
      }
    },
    createWriteStream(path, { flags: part.from > 0 ? 'r+' : 'w', start: part.from, mode: 0o600 }),
  );
}

/** The bytes of an open file from `from` to `size`; the handle stays open. */
function bodyOf(handle: FileHandle, part: { from: number; size: number }): Readable {
  if (part.from >= part.size) return Readable.from([]);
  return handle.createReadStream({ start: part.from, end: part.size - 1, autoClose: false });
}

async function hashFile(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const hash: Hash = createHash('sha256');
    for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}
