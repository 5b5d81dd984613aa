import { jobs, OUTPUT_HEADERS } from '@otherthing/protocol/http';
import { decodeRecords, type OutputRecord } from '@otherthing/protocol/output';
import type { Client } from './client.ts';
import { notUnderstood, RequestError } from './request-error.ts';
import { retryDelayMs, sleep } from './retry.ts';

export type OutputTarget = { readonly workspaceId: string; readonly jobId: string };

export type FollowOutputOptions = {
  /** The attempt to read; the current one of the first answer if left out. */
  readonly epoch?: number | undefined;
  /** Offset to start at: 0, or the `next` of an earlier batch. */
  readonly from?: number;
  /** Start about so many bytes before the end instead. */
  readonly tail?: number | undefined;
  /** Seconds one request may wait for news; 0 reads what is there and stops at its end. */
  readonly waitSeconds?: number;
  /** Bytes of one batch at most, 65,536 to 4,194,304. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /** Told about every failed try before the next one, and with `undefined` once it works again. */
  readonly onTrouble?: (error: RequestError | undefined) => void;
};

/** Whole records of one attempt. `next` continues after them; `end` says that nothing can follow in this attempt. */
export type OutputBatch = {
  readonly epoch: number;
  readonly next: number;
  readonly end: boolean;
  readonly records: readonly OutputRecord[];
};

/**
 * The output of one attempt, batch by batch, until it has ended or the signal is aborted (then it returns without an
 * error). Lost connections are repeated from the last offset with backoff; only errors that a repeat cannot mend are
 * thrown. A job whose attempt has not started gives empty batches with `epoch` 0.
 */
export async function* followOutput(
  client: Client,
  target: OutputTarget,
  options: FollowOutputOptions = {},
): AsyncGenerator<OutputBatch, void, undefined> {
  let position: Position = { epoch: options.epoch, from: options.from ?? 0, tail: options.tail };
  let failures = 0;
  while (!options.signal?.aborted) {
    let batch: OutputBatch;
    try {
      batch = await readBatch(client, { ...target, position, options });
      if (failures > 0) options.onTrouble?.(undefined);
      failures = 0;
    } catch (error) {
      if (options.signal?.aborted) return;
      if (!(error instanceof RequestError) || !mendable(error)) throw error;
      options.onTrouble?.(error);
      const wait = retryDelayMs(failures++, { retryAfterSeconds: error.retryAfterSeconds });
      if (!(await waited(wait, options.signal))) return;
      continue;
    }
    position = { epoch: batch.epoch || position.epoch, from: batch.next, tail: undefined };
    yield batch;
    if (batch.end || (options.waitSeconds === 0 && batch.records.length === 0)) return;
  }
}

type Position = {
  readonly epoch: number | undefined;
  readonly from: number;
  readonly tail: number | undefined;
};

async function readBatch(
  client: Client,
  at: OutputTarget & { readonly position: Position; readonly options: FollowOutputOptions },
): Promise<OutputBatch> {
  const { position, options } = at;
  const response = await client.stream(jobs.getOutput, {
    params: { workspaceId: at.workspaceId, jobId: at.jobId },
    query: {
      epoch: position.epoch,
      ...(position.tail === undefined ? { from: position.from } : { tail: position.tail }),
      wait: options.waitSeconds ?? 25,
      max: options.maxBytes ?? 1_048_576,
    },
    ...(options.signal ? { signal: options.signal } : {}),
  });
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    if (options.signal?.aborted) throw options.signal.reason;
    throw new RequestError('unavailable', { message: 'The connection broke while output arrived.', cause });
  }
  return parseBatch(response.headers, bytes);
}

function parseBatch(headers: Headers, bytes: Uint8Array): OutputBatch {
  const next = Number(headers.get(OUTPUT_HEADERS.next) ?? Number.NaN);
  const epoch = Number(headers.get(OUTPUT_HEADERS.epoch) ?? 0);
  try {
    if (!Number.isSafeInteger(next) || next < 0) throw new RangeError('no offset to continue at');
    const { records, consumed } = decodeRecords(bytes);
    if (consumed !== bytes.length) throw new RangeError('the reply ends inside a record');
    return { epoch, next, records, end: headers.get(OUTPUT_HEADERS.end) === '1' };
  } catch (cause) {
    throw notUnderstood('output', cause);
  }
}

const mendable = (error: RequestError) => error.retryable || (error.code === 'internal' && !error.cause);

async function waited(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await sleep(ms, signal);
    return true;
  } catch {
    return false;
  }
}
