import type { OutputRecord, OutputStream } from '@otherthing/protocol/output';
import { endStyle, PLAIN, type Style } from './ansi.ts';

/** A line as it is kept: its text as the job wrote it, and the colours it begins in. */
export type OutputLine = {
  readonly text: string;
  readonly stream: OutputStream;
  readonly time: number;
  readonly style: Style;
};

/** Longer lines are broken, so that a job without line breaks cannot freeze the page. */
export const MAX_LINE = 8192;

/**
 * Turns records into lines. Bytes of a character, parts of a line and colours may be spread over records; each stream
 * continues where its last record ended.
 */
export class LineReader {
  readonly #decoders = new Map<OutputStream, TextDecoder>();
  readonly #styles = new Map<OutputStream, Style>();
  #open: { text: string; stream: OutputStream; time: number } | undefined;

  /** The lines these records finish. The unfinished one is in `rest`. */
  read(records: readonly OutputRecord[]): OutputLine[] {
    const lines: OutputLine[] = [];
    for (const record of records) {
      const text = this.#decoder(record.stream).decode(record.payload, { stream: true });
      if (this.#open && this.#open.stream !== record.stream) this.#close(lines);
      this.#append(text, record, lines);
    }
    return lines;
  }

  /** The line that has no line break yet. */
  get rest(): OutputLine | undefined {
    const open = this.#open;
    if (!open || open.text === '') return undefined;
    return { ...open, text: overwritten(open.text), style: this.#styles.get(open.stream) ?? PLAIN };
  }

  /** Ends the last line: nothing can follow. */
  finish(): OutputLine[] {
    const lines: OutputLine[] = [];
    this.#close(lines);
    return lines;
  }

  #append(text: string, { stream, time }: OutputRecord, lines: OutputLine[]): void {
    let from = 0;
    for (;;) {
      const at = text.indexOf('\n', from);
      const part = text.slice(from, at < 0 ? undefined : at);
      if (at < 0 && part === '') return;
      this.#open ??= { text: '', stream, time };
      this.#open.text += part;
      while (this.#open && this.#open.text.length > MAX_LINE) this.#split(lines);
      if (at < 0) return;
      this.#open ??= { text: '', stream, time };
      this.#close(lines);
      from = at + 1;
    }
  }

  #split(lines: OutputLine[]): void {
    const open = this.#open;
    if (!open) return;
    const visible = overwritten(open.text);
    if (visible.length <= MAX_LINE) {
      open.text = visible;
      return;
    }
    this.#open = { ...open, text: visible.slice(0, MAX_LINE) };
    this.#close(lines);
    this.#open = { ...open, text: visible.slice(MAX_LINE) };
  }

  #close(lines: OutputLine[]): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    const style = this.#styles.get(open.stream) ?? PLAIN;
    const text = overwritten(open.text);
    lines.push({ text, stream: open.stream, time: open.time, style });
    this.#styles.set(open.stream, endStyle(text, style));
  }

  #decoder(stream: OutputStream): TextDecoder {
    const known = this.#decoders.get(stream);
    if (known) return known;
    const made = new TextDecoder();
    this.#decoders.set(stream, made);
    return made;
  }
}

/** What a terminal would show of a line that returns to its start: the last writing. */
function overwritten(text: string): string {
  const trimmed = text.endsWith('\r') ? text.slice(0, -1) : text;
  const at = trimmed.lastIndexOf('\r');
  return at < 0 ? trimmed : trimmed.slice(at + 1);
}
