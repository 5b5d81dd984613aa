import type { InputFile } from '@otherthing/protocol/job-spec';

export type UploadState = 'waiting' | 'hashing' | 'uploading' | 'done' | 'failed';

/** One input file on its way into the workspace. */
export type UploadItem = {
  readonly path: string;
  readonly size: number;
  readonly state: UploadState;
  readonly sent: number;
  readonly sha256: string | undefined;
  readonly error: unknown;
};

export type UploadSummary = {
  readonly items: readonly UploadItem[];
  readonly bytes: number;
  readonly sent: number;
  readonly failed: number;
  readonly busy: boolean;
  /** Bytes a second over the last seconds, 0 while nothing moves. */
  readonly rate: number;
};

export type UploadDeps = {
  hash(file: Blob): Promise<string>;
  send(options: {
    sha256: string;
    blob: Blob;
    onProgress: (sent: number) => void;
    signal: AbortSignal;
  }): Promise<unknown>;
  /** Milliseconds between news while bytes move. */
  newsMs?: number;
};

type Entry = { -readonly [K in keyof UploadItem]: UploadItem[K] } & {
  file: Blob | undefined;
  stop: AbortController;
};

const AT_ONCE = 3;
const EMPTY: UploadSummary = { items: [], bytes: 0, sent: 0, failed: 0, busy: false, rate: 0 };

/** The input files of a job that is being written. Lives outside of the page, so uploads survive leaving it. */
export class Uploads {
  readonly #deps: UploadDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  #running = 0;
  #summary: UploadSummary = EMPTY;
  #news: ReturnType<typeof setTimeout> | undefined;
  #marks: Array<{ at: number; sent: number }> = [];

  constructor(deps: UploadDeps) {
    this.#deps = deps;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly summary = (): UploadSummary => this.#summary;

  /** Adds files; one with a path that is there already replaces it. */
  add(files: ReadonlyArray<{ readonly path: string; readonly file: Blob }>): void {
    for (const { path, file } of files) {
      this.#entries.get(path)?.stop.abort();
      this.#entries.set(path, { ...fresh(path, file.size), file });
    }
    this.#start();
    this.#tell();
  }

  /** Adds files that the workspace has already, for example those of an earlier job. */
  addStored(inputs: readonly InputFile[]): void {
    for (const { path, size, sha256 } of inputs) {
      this.#entries.set(path, { ...fresh(path, size), state: 'done', sent: size, sha256, file: undefined });
    }
    this.#tell();
  }

  remove(path: string): void {
    this.#entries.get(path)?.stop.abort();
    this.#entries.delete(path);
    this.#tell();
  }

  clear(): void {
    for (const entry of this.#entries.values()) entry.stop.abort();
    this.#entries.clear();
    this.#marks = [];
    this.#tell();
  }

  retryFailed(): void {
    for (const entry of this.#entries.values()) {
      if (entry.state === 'failed')
        Object.assign(entry, { state: 'waiting', error: undefined, stop: new AbortController() });
    }
    this.#start();
    this.#tell();
  }

  /** The files as a job names them; throws while one is missing. */
  inputs(): InputFile[] {
    return [...this.#entries.values()].map(({ path, size, sha256, state }) => {
      if (state !== 'done' || !sha256) throw new Error(`${path} is not uploaded yet.`);
      return { path, size, sha256, executable: false };
    });
  }

  #start(): void {
    for (const entry of this.#entries.values()) {
      if (this.#running >= AT_ONCE) return;
      if (entry.state === 'waiting') void this.#carry(entry);
    }
  }

  async #carry(entry: Entry): Promise<void> {
    this.#running += 1;
    entry.state = 'hashing';
    try {
      if (!entry.file) throw new Error('The file is not at hand any more; add it again.');
      entry.sha256 ??= await this.#deps.hash(entry.file);
      entry.stop.signal.throwIfAborted();
      entry.state = 'uploading';
      await this.#deps.send({
        sha256: entry.sha256,
        blob: entry.file,
        signal: entry.stop.signal,
        onProgress: (sent) => {
          entry.sent = sent;
          this.#tellSoon();
        },
      });
      Object.assign(entry, { state: 'done', sent: entry.size });
    } catch (error) {
      Object.assign(entry, { state: 'failed', error });
    } finally {
      this.#running -= 1;
      this.#start();
      this.#tellSoon();
    }
  }

  #tellSoon(): void {
    this.#news ??= setTimeout(() => this.#tell(), this.#deps.newsMs ?? 150);
  }

  #tell(): void {
    clearTimeout(this.#news);
    this.#news = undefined;
    const entries = [...this.#entries.values()];
    const sent = entries.reduce((sum, entry) => sum + entry.sent, 0);
    this.#summary = {
      items: entries.map(({ path, size, state, sent: each, sha256, error }) => ({
        path,
        size,
        state,
        sent: each,
        sha256,
        error,
      })),
      bytes: entries.reduce((sum, entry) => sum + entry.size, 0),
      sent,
      failed: entries.filter((entry) => entry.state === 'failed').length,
      busy: entries.some((entry) => entry.state !== 'done' && entry.state !== 'failed'),
      rate: this.#rate(sent),
    };
    for (const listener of this.#listeners) listener();
  }

  #rate(sent: number): number {
    const at = Date.now();
    this.#marks = [...this.#marks.filter((mark) => at - mark.at < 5000), { at, sent }];
    const first = this.#marks[0];
    return first && at > first.at ? Math.max(0, ((sent - first.sent) * 1000) / (at - first.at)) : 0;
  }
}

const fresh = (path: string, size: number) => ({
  path,
  size,
  state: 'waiting' as const,
  sent: 0,
  sha256: undefined,
  error: undefined,
  stop: new AbortController(),
});
