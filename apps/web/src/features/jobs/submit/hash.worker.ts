import { sha256 } from '@noble/hashes/sha2.js';

/** Hashes files slice by slice beside the page, so that gigabytes neither block it nor fill its memory. */
const SLICE = 4 * 1024 * 1024;

export type HashRequest = { readonly id: string; readonly file: Blob };
export type HashReply =
  | { readonly id: string; readonly sha256: string }
  | { readonly id: string; readonly error: string };

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<HashRequest>) => void) | null;
  postMessage(reply: HashReply): void;
};

let last: Promise<void> = Promise.resolve();

scope.onmessage = ({ data }) => {
  last = last.then(() => hash(data));
};

async function hash({ id, file }: HashRequest): Promise<void> {
  try {
    const state = sha256.create();
    for (let at = 0; at < file.size; at += SLICE) {
      state.update(new Uint8Array(await file.slice(at, at + SLICE).arrayBuffer()));
    }
    scope.postMessage({
      id,
      sha256: Array.from(state.digest(), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    });
  } catch (error) {
    scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
}
