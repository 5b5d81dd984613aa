import type { HashReply, HashRequest } from './hash.worker.ts';

let worker: Worker | undefined;
const waiting = new Map<string, { resolve: (sha256: string) => void; reject: (error: Error) => void }>();
let requests = 0;

/** The sha256 of a file in lower-case hex, made in a worker. */
export function hashFile(file: Blob): Promise<string> {
  worker ??= startWorker();
  const id = String(requests++);
  const request: HashRequest = { id, file };
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker?.postMessage(request);
  });
}

function startWorker(): Worker {
  const started = new Worker(new URL('./hash.worker.ts', import.meta.url), { type: 'module' });
  started.onmessage = ({ data }: MessageEvent<HashReply>) => {
    const ask = waiting.get(data.id);
    waiting.delete(data.id);
    if ('sha256' in data) ask?.resolve(data.sha256);
    else ask?.reject(new Error(`The file cannot be read: ${data.error}`));
  };
  started.onerror = () => {
    for (const ask of waiting.values()) ask.reject(new Error('Files cannot be hashed in this browser.'));
    waiting.clear();
    worker = undefined;
  };
  return started;
}
