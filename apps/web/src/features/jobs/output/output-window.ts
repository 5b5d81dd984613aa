import { type OutputRecord, RECORD_HEADER_BYTES } from '@otherthing/protocol/output';
import { LineReader, type OutputLine } from './output-lines.ts';

/** What one read of the output gave, at its place in the stream. */
export type OutputChunk = {
  readonly from: number;
  readonly next: number;
  readonly records: readonly OutputRecord[];
  readonly end: boolean;
};

type Segment = { readonly from: number; readonly next: number; lines: OutputLine[]; bytes: number };

/** Bytes of text held at once; what lies outside is read again when somebody scrolls there. */
export const MAX_WINDOW_BYTES = 24 * 1024 * 1024;
export const MAX_WINDOW_LINES = 200_000;

/**
 * A window on an output that may be far larger than memory: consecutive segments, dropped at the far end when there
 * are too many. Where each read began is remembered (a few bytes each), so that the way back needs no search.
 */
export class OutputWindow {
  #segments: Segment[] = [];
  #reader = new LineReader();
  #lines: readonly OutputLine[] = [];
  #bytes = 0;
  #ended = false;
  #firstId = 0;
  /** Offsets at which reads began, ascending: places that are known to be starts of records. */
  readonly #marks: number[] = [];

  /** Every line held, the unfinished last one included. The same array until something changes. */
  get lines(): readonly OutputLine[] {
    return this.#lines;
  }

  /** Offset of the first byte held. */
  get start(): number {
    return this.#segments[0]?.from ?? 0;
  }

  /** Where to read on. */
  get next(): number {
    return this.#segments.at(-1)?.next ?? 0;
  }

  get empty(): boolean {
    return this.#segments.length === 0;
  }

  /** Nothing can follow the last line. */
  get ended(): boolean {
    return this.#ended;
  }

  /** So much that the next read would drop lines at the start. */
  get full(): boolean {
    return this.#bytes >= 0.75 * MAX_WINDOW_BYTES || this.#lines.length >= 0.75 * MAX_WINDOW_LINES;
  }

  /** Name of the first line held: every line keeps its number while lines come and go before it. */
  get firstId(): number {
    return this.#firstId;
  }

  /** Where a read that brings what comes before the first line should begin, if anything does. */
  get before(): number | undefined {
    if (this.start === 0) return undefined;
    return this.#marks.findLast((mark) => mark < this.start) ?? 0;
  }

  /** The records of a read that lie before the first line held; a read may overlap it. */
  trimmed(from: number, records: readonly OutputRecord[]): readonly OutputRecord[] {
    let offset = from;
    return records.filter((record) => {
      const before = offset < this.start;
      offset += RECORD_HEADER_BYTES + record.payload.length;
      return before;
    });
  }

  /** Adds what follows; drops from the start while there is too much. */
  append(chunk: OutputChunk): void {
    this.#remember(chunk.from);
    const lines = this.#reader.read(chunk.records);
    if (chunk.end) lines.push(...this.#reader.finish());
    this.#ended = chunk.end;
    if (chunk.records.length > 0 || this.empty) this.#segments.push(segmentOf(chunk, lines));
    else this.#segments.at(-1)?.lines.push(...lines);
    this.#dropStart();
    this.#rebuild();
  }

  /** Adds what comes before; drops from the end. */
  prepend(chunk: OutputChunk): void {
    this.#remember(chunk.from);
    const reader = new LineReader();
    const lines = [...reader.read(chunk.records), ...reader.finish()];
    this.#segments.unshift(segmentOf(chunk, lines));
    this.#firstId -= lines.length;
    this.#dropEnd();
    this.#rebuild();
  }

  /** Empties the window, to read from another place. */
  reset(): void {
    this.#segments = [];
    this.#reader = new LineReader();
    this.#ended = false;
    this.#firstId = 0;
    this.#rebuild();
  }

  #remember(mark: number): void {
    const last = this.#marks.at(-1);
    if (last === undefined || mark > last) this.#marks.push(mark);
    else if (!this.#marks.includes(mark))
      this.#marks.splice(
        this.#marks.findIndex((each) => each > mark),
        0,
        mark,
      );
  }

  #dropStart(): void {
    while (this.#segments.length > 1 && this.#tooMuch()) {
      this.#firstId += this.#segments.shift()?.lines.length ?? 0;
    }
  }

  #dropEnd(): void {
    while (this.#segments.length > 1 && this.#tooMuch()) {
      this.#segments.pop();
      this.#reader = new LineReader();
      this.#ended = false;
    }
  }

  #tooMuch(): boolean {
    const count = this.#segments.reduce((sum, segment) => sum + segment.lines.length, 0);
    const size = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    return size > MAX_WINDOW_BYTES || count > MAX_WINDOW_LINES;
  }

  #rebuild(): void {
    const rest = this.#reader.rest;
    this.#lines = [...this.#segments.flatMap((segment) => segment.lines), ...(rest ? [rest] : [])];
    this.#bytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }
}

function segmentOf(chunk: OutputChunk, lines: OutputLine[]): Segment {
  const bytes = chunk.records.reduce((sum, record) => sum + record.payload.length, 0);
  return { from: chunk.from, next: chunk.next, lines, bytes };
}
