import { type Client, followOutput, type RequestError } from '@otherthing/client';
import { type OutputRecord, RECORD_HEADER_BYTES } from '@otherthing/protocol/output';
import type { Match } from './find.ts';
import { LineReader } from './output-lines.ts';
import { OutputWindow } from './output-window.ts';

export type OutputPlace = { readonly workspaceId: string; readonly jobId: string; readonly epoch: number };

/** A reader of one attempt's output: the lines held, what it is doing, and ways to move. */
export type OutputReader = {
  readonly lines: OutputWindow['lines'];
  readonly ended: boolean;
  readonly earlier: boolean;
  readonly trouble: RequestError | undefined;
  readonly error: unknown;
  /** Number of the first line; the others count on from it. */
  readonly firstId: number;
};

/** Bytes of one read. */
export const BATCH = 1024 * 1024;

/** Reads output into a window. While `following`, it keeps to the end; otherwise a full window stops reading. */
export class OutputSource {
  readonly #client: Client;
  readonly #place: OutputPlace;
  readonly #window = new OutputWindow();
  readonly #listeners = new Set<() => void>();
  #stop = new AbortController();
  #following = true;
  #resume: (() => void) | undefined;
  #state: OutputReader = {
    lines: [],
    ended: false,
    earlier: false,
    trouble: undefined,
    error: undefined,
    firstId: 0,
  };

  constructor(client: Client, place: OutputPlace) {
    this.#client = client;
    this.#place = place;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly state = (): OutputReader => this.#state;

  start(options: { from?: number; tail?: number } = {}): void {
    this.stop();
    this.#stop = new AbortController();
    this.#window.reset();
    void this.#read(options, this.#stop.signal);
  }

  stop(): void {
    this.#stop.abort();
    this.#resume?.();
  }

  /** At the end of the window somebody wants more: read on though it is full. */
  setFollowing(following: boolean): void {
    this.#following = following;
    if (following) this.#resume?.();
  }

  more(): void {
    this.#resume?.();
  }

  /**
   * Reads what comes before the first line held. Where no read has begun nearby, as after a jump to the end, no start
   * of a record is known there: then it reads from the nearest known place on.
   */
  async loadEarlier(): Promise<void> {
    const from = this.#window.before;
    const until = this.#window.start;
    if (from === undefined) return;
    if (until - from > 4 * BATCH) return this.start({ from });
    const signal = this.#stop.signal;
    const records: OutputRecord[] = [];
    try {
      const batches = followOutput(this.#client, this.#place, {
        epoch: this.#place.epoch,
        from,
        waitSeconds: 0,
        maxBytes: Math.max(65_536, until - from),
        signal,
      });
      for await (const batch of batches) {
        records.push(...batch.records);
        if (batch.next >= until) break;
      }
      if (signal.aborted) return;
      const kept = this.#window.trimmed(from, records);
      this.#window.prepend({ from, next: until, records: kept, end: false });
      this.#tell({});
    } catch (error) {
      this.#tell({ error });
    }
  }

  /** Reads from the start, holding nothing, until a line fits. Opens the window there; says whether one was found. */
  async openAt(match: Match, signal: AbortSignal): Promise<boolean> {
    const lines = new LineReader();
    let from = 0;
    const batches = followOutput(this.#client, this.#place, {
      epoch: this.#place.epoch,
      waitSeconds: 0,
      signal,
      maxBytes: BATCH,
    });
    for await (const batch of batches) {
      if ([...lines.read(batch.records), ...(lines.rest ? [lines.rest] : [])].some(match)) {
        this.start({ from });
        return true;
      }
      from = batch.next;
    }
    return false;
  }

  async #read(start: { from?: number; tail?: number }, signal: AbortSignal): Promise<void> {
    let from = start.from ?? 0;
    let first = start.tail !== undefined;
    this.#tell({ error: undefined, trouble: undefined });
    try {
      const batches = followOutput(this.#client, this.#place, {
        epoch: this.#place.epoch,
        ...start,
        signal,
        maxBytes: BATCH,
        onTrouble: (trouble) => this.#tell({ trouble }),
      });
      for await (const batch of batches) {
        if (signal.aborted) return;
        // After a jump to the end only the offset behind the records is known.
        if (first) from = Math.max(0, batch.next - sizeOf(batch.records));
        first = false;
        this.#window.append({ from, next: batch.next, records: batch.records, end: batch.end });
        from = batch.next;
        this.#tell({});
        if (this.#window.full && !this.#following) await this.#pause(signal);
      }
    } catch (error) {
      if (!signal.aborted) this.#tell({ error });
    }
  }

  #pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = () => {
        this.#resume = undefined;
        resolve();
      };
      if (signal.aborted) this.#resume();
    });
  }

  #tell(part: Partial<OutputReader>): void {
    this.#state = {
      ...this.#state,
      ...part,
      lines: this.#window.lines,
      firstId: this.#window.firstId,
      ended: this.#window.ended,
      earlier: this.#window.before !== undefined,
    };
    for (const listener of this.#listeners) listener();
  }
}

const sizeOf = (records: ReadonlyArray<{ payload: Uint8Array }>) =>
  records.reduce((sum, record) => sum + RECORD_HEADER_BYTES + record.payload.length, 0);
