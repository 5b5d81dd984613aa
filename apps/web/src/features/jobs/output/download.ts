import { followOutput } from '@otherthing/client';
import { api } from '../../../app/api.ts';
import { saveBlob } from '../../../ui/save.ts';
import type { OutputPlace } from './output-source.ts';

/** Pieces are handed over in blobs of this size, which browsers keep outside of the page's memory. */
const PIECE = 16 * 1024 * 1024;

/** All output of one attempt as a file, read batch by batch. */
export async function downloadOutput(
  place: OutputPlace,
  options: { name: string; signal: AbortSignal; onProgress: (bytes: number) => void },
): Promise<void> {
  const pieces: Blob[] = [];
  let held: Uint8Array<ArrayBuffer>[] = [];
  let heldBytes = 0;
  let bytes = 0;
  const batches = followOutput(api, place, {
    epoch: place.epoch,
    waitSeconds: 0,
    maxBytes: 4 * 1024 * 1024,
    signal: options.signal,
  });
  for await (const batch of batches) {
    for (const { payload } of batch.records) {
      held.push(new Uint8Array(payload));
      heldBytes += payload.length;
    }
    bytes = batch.next;
    options.onProgress(bytes);
    if (heldBytes >= PIECE) {
      pieces.push(new Blob(held));
      held = [];
      heldBytes = 0;
    }
  }
  if (options.signal.aborted) return;
  saveBlob(options.name, new Blob([...pieces, ...held], { type: 'text/plain' }));
}
