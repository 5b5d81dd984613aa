/** A typed filter: `state:failed node:atlas by:me` and free words. Pure. */
export type FilterField = {
  readonly key: string;
  readonly about: string;
  /** Values worth suggesting. Without `open`, others are a mistake. */
  readonly values: readonly string[];
  readonly open?: boolean;
};

export type Filter = {
  readonly terms: Readonly<Record<string, readonly string[]>>;
  readonly words: string;
  /** What is not understood, in words for the person. */
  readonly problems: readonly string[];
};

type Token = { readonly text: string; readonly from: number; readonly to: number };

/** Splits at spaces outside double quotes. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)) {
    tokens.push({ text: match[0], from: match.index, to: match.index + match[0].length });
  }
  return tokens;
}

const unquoted = (text: string) => text.replace(/"/g, '');

export function parseFilter(text: string, fields: readonly FilterField[]): Filter {
  const terms: Record<string, string[]> = {};
  const words: string[] = [];
  const problems: string[] = [];
  for (const token of tokensOf(text)) {
    const colon = token.text.indexOf(':');
    const key = token.text.slice(0, colon).toLowerCase();
    if (colon <= 0 || token.text.startsWith('"')) {
      words.push(unquoted(token.text));
      continue;
    }
    const field = fields.find((each) => each.key === key);
    if (!field) {
      problems.push(`There is no filter ${key}. Filters: ${fields.map((each) => each.key).join(', ')}.`);
      continue;
    }
    const values = unquoted(token.text.slice(colon + 1))
      .split(',')
      .filter(Boolean);
    const wrong = field.open ? undefined : values.find((value) => !field.values.includes(value));
    if (wrong !== undefined) {
      problems.push(`${key} is one of ${field.values.join(', ')}, not ${wrong}.`);
      continue;
    }
    if (values.length > 0) terms[key] = [...(terms[key] ?? []), ...values];
  }
  return { terms, words: words.join(' '), problems };
}

export type Suggestion = {
  readonly label: string;
  readonly about: string;
  /** The whole text and the caret after taking this suggestion. */
  readonly text: string;
  readonly caret: number;
};

/** What could stand where the caret is: fields, or values of the field before the colon. */
export function suggest(text: string, caret: number, fields: readonly FilterField[]): Suggestion[] {
  const token = tokensOf(text).find((each) => each.from <= caret && caret <= each.to) ?? {
    text: '',
    from: caret,
    to: caret,
  };
  const typed = token.text.slice(0, caret - token.from).toLowerCase();
  const take = (word: string) => ({
    text: `${text.slice(0, token.from)}${word}${text.slice(token.to)}`,
    caret: token.from + word.length,
  });
  const colon = typed.indexOf(':');
  if (colon < 0) {
    return fields
      .filter((field) => field.key.startsWith(typed))
      .map((field) => ({ label: `${field.key}:`, about: field.about, ...take(`${field.key}:`) }));
  }
  const field = fields.find((each) => each.key === typed.slice(0, colon));
  if (!field) return [];
  const before = typed.slice(colon + 1).split(',');
  const last = unquoted(before.pop() ?? '');
  return field.values
    .filter((value) => value.toLowerCase().startsWith(last) && value.toLowerCase() !== last)
    .filter((value) => !before.includes(value))
    .slice(0, 8)
    .map((value) => {
      const word = `${field.key}:${[...before, quoted(value)].join(',')}`;
      return { label: value, about: field.about, ...take(word) };
    });
}

const quoted = (value: string) => (/\s/.test(value) ? `"${value}"` : value);
