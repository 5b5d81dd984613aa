import { BLOB_HEADERS, jobs } from '@otherthing/protocol/http';
import type { Client } from './client.ts';
import { RequestError } from './request-error.ts';
import { retryDelayMs, sleep } from './retry.ts';

export type UploadOptions = {
  readonly workspaceId: string;
  /** Lower-case hex sha256 of all of `blob`. */
  readonly sha256: string;
  /** A browser's `File`, or `openAsBlob(path)` in Node: read slice by slice, never as a whole. */
  readonly blob: Blob;
  /** Bytes that are at the orchestrator, of all bytes. */
  readonly onProgress?: (sent: number, size: number) => void;
  /** Told about every failed try before the next one. */
  readonly onTrouble?: (error: RequestError) => void;
  readonly signal?: AbortSignal;
  /** Bytes of one request. */
  readonly chunkBytes?: number;
  /** Failed tries in a row before giving up. */
  readonly tries?: number;
};

/**
 * Brings a file into the workspace's blob store: asks how much is there, sends the rest in slices, continues at the
 * orchestrator's offset after every broken connection. Returns whether anything had to be sent.
 */
export async function uploadBlob(
  client: Client,
  options: UploadOptions,
): Promise<{ readonly sent: boolean }> {
  const size = options.blob.size;
  let known: { offset: number; complete: boolean } | undefined;
  let failures = 0;
  let sent = false;
  for (;;) {
    try {
      known ??= await uploadedSoFar(client, options);
      options.onProgress?.(known.complete ? size : known.offset, size);
      if (known.complete) return { sent };
      known = await sendSlice(client, options, known.offset);
      sent = true;
      failures = 0;
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      failures += 1;
      if (!(error instanceof RequestError) || !error.retryable || failures >= (options.tries ?? 8))
        throw error;
      options.onTrouble?.(error);
      known = undefined;
      await sleep(retryDelayMs(failures - 1, { retryAfterSeconds: error.retryAfterSeconds }), options.signal);
    }
  }
}

async function uploadedSoFar(client: Client, options: UploadOptions) {
  const { workspaceId, sha256, signal } = options;
  try {
    const { headers } = await client.stream(jobs.headBlob, {
      params: { workspaceId, sha256 },
      ...(signal ? { signal } : {}),
    });
    return {
      offset: Number(headers.get(BLOB_HEADERS.offset) ?? 0),
      complete: headers.get(BLOB_HEADERS.complete) === '1',
    };
  } catch (error) {
    if (error instanceof RequestError && error.status === 404) return { offset: 0, complete: false };
    throw error;
  }
}

function sendSlice(client: Client, options: UploadOptions, offset: number) {
  const { workspaceId, sha256, blob, signal } = options;
  const end = Math.min(blob.size, offset + (options.chunkBytes ?? 8 * 1024 * 1024));
  return client.call(jobs.putBlob, {
    params: { workspaceId, sha256 },
    query: { offset, size: blob.size },
    body: blob.slice(offset, end),
    ...(signal ? { signal } : {}),
  });
}
