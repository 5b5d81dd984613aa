/**
 * A command line as its words, the way a POSIX shell splits and quotes, without any expansion. Throws with a sentence
 * when a quote stays open.
 */
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? '';
    if (quote === "'") {
      if (char === "'") quote = undefined;
      else word = (word ?? '') + char;
    } else if (char === '\\' && (!quote || /["\\$`]/.test(line[at + 1] ?? ''))) {
      at += 1;
      word = (word ?? '') + (line[at] ?? '');
    } else if (quote) {
      if (char === quote) quote = undefined;
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote) throw new Error(`A ${quote} is never closed.`);
  if (word !== undefined) words.push(word);
  return words;
}

/** The words as one line that `splitCommand` reads back. */
export function joinCommand(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`))
    .join(' ');
}
