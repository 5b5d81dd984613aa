import { plainText } from './ansi.ts';
import type { OutputLine } from './output-lines.ts';

/** Words that mark a line as the first thing to read after a failure. */
const TROUBLE =
  /\b(\w*error|\w*exception|traceback|fatal|panic(ked)?|failed|failure|segmentation fault|killed|denied)\b/i;

export type Match = (line: OutputLine) => boolean;

/** Lines that contain the words, whatever their case and colours. */
export function containing(text: string): Match {
  const wanted = text.toLowerCase();
  return (line) => plainText(line.text).toLowerCase().includes(wanted);
}

/** Lines that look like the first error. Notices of OtherThing itself count: they say which limit was met. */
export const looksLikeError: Match = (line) =>
  line.stream === 'notice' ? /limit|kill|fail|error/i.test(line.text) : TROUBLE.test(plainText(line.text));

/** Index of the first line after `from` that fits, searching round once; -1 when none does. */
export function findLine(
  lines: readonly OutputLine[],
  match: Match,
  at: { from: number; step: 1 | -1 },
): number {
  const count = lines.length;
  for (let tried = 0; tried < count; tried += 1) {
    const index = (((at.from + at.step * tried) % count) + count) % count;
    const line = lines[index];
    if (line && match(line)) return index;
  }
  return -1;
}

/** Text in pieces, every second of which is a hit. */
export function splitHits(text: string, wanted: string): string[] {
  if (wanted === '') return [text];
  const pieces: string[] = [];
  const low = text.toLowerCase();
  const needle = wanted.toLowerCase();
  let from = 0;
  for (let at = low.indexOf(needle); at >= 0; at = low.indexOf(needle, from)) {
    pieces.push(text.slice(from, at), text.slice(at, at + needle.length));
    from = at + needle.length;
  }
  pieces.push(text.slice(from));
  return pieces;
}
