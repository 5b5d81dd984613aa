/** Terminal colours of job output (ECMA-48 SGR). Other control sequences are dropped. Pure. */
export type Style = {
  readonly fg?: string;
  readonly bg?: string;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly inverse?: true;
};
export type Span = { readonly text: string; readonly style: Style };

export const PLAIN: Style = {};

const ESC = '\u001b';
const BEL = '\u0007';
/** Colours and cursor moves; titles and links; other strings; two-character sequences. */
const SEQUENCE = new RegExp(
  `${ESC}(?:\\[([0-9;:?<=>]*)[ -/]*([@-~])|\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?|[PX^_][^${ESC}]*(?:${ESC}\\\\)?|[ -/]*[0-Z\\\\-~])`,
  'g',
);
const CONTROLS = /[^\P{Cc}\t\n]/gu;

/** The text of a line as it is shown: without sequences and controls. */
export function plainText(line: string): string {
  return line.replace(SEQUENCE, '').replace(CONTROLS, '');
}

/** The spans of one line that begins in `style`, and the style it ends in. */
export function readLine(
  line: string,
  style: Style,
): { readonly spans: readonly Span[]; readonly end: Style } {
  const spans: Span[] = [];
  let current = style;
  let from = 0;
  const push = (text: string) => {
    const clean = text.replace(CONTROLS, '');
    if (clean) spans.push({ text: clean, style: current });
  };
  for (const match of line.matchAll(SEQUENCE)) {
    push(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === 'm') current = applyCodes(current, match[1] ?? '');
  }
  push(line.slice(from));
  return { spans, end: current };
}

/** The style a line ends in; cheap for the many lines without sequences. */
export function endStyle(line: string, style: Style): Style {
  return line.includes('\x1b') ? readLine(line, style).end : style;
}

function applyCodes(style: Style, text: string): Style {
  const codes = text.split(/[;:]/).map(Number);
  let next: Style = style;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const { color, used } = extendedColor(codes.slice(at + 1));
      if (color) next = { ...next, [code === 38 ? 'fg' : 'bg']: color };
      at += used;
    } else {
      next = applyCode(next, code);
    }
  }
  return next;
}

const named = (index: number) => `var(--ot-ansi-${index})`;

function applyCode(style: Style, code: number): Style {
  if (code >= 30 && code <= 37) return { ...style, fg: named(code - 30) };
  if (code >= 90 && code <= 97) return { ...style, fg: named(code - 82) };
  if (code >= 40 && code <= 47) return { ...style, bg: named(code - 40) };
  if (code >= 100 && code <= 107) return { ...style, bg: named(code - 92) };
  switch (code) {
    case 0:
      return PLAIN;
    case 1:
      return { ...style, bold: true };
    case 2:
      return { ...style, dim: true };
    case 3:
      return { ...style, italic: true };
    case 4:
      return { ...style, underline: true };
    case 7:
      return { ...style, inverse: true };
    case 22:
      return without(style, 'bold', 'dim');
    case 23:
      return without(style, 'italic');
    case 24:
      return without(style, 'underline');
    case 27:
      return without(style, 'inverse');
    case 39:
      return without(style, 'fg');
    case 49:
      return without(style, 'bg');
    default:
      return style;
  }
}

function without(style: Style, ...keys: Array<keyof Style>): Style {
  const next: Record<string, unknown> = { ...style };
  for (const key of keys) delete next[key];
  return next;
}

/** 256 colours (`5;n`) and true colour (`2;r;g;b`). */
function extendedColor(codes: readonly number[]): { color: string | undefined; used: number } {
  const [mode, a = 0, b = 0, c = 0] = codes;
  if (mode === 2) return { color: `rgb(${byte(a)} ${byte(b)} ${byte(c)})`, used: 4 };
  if (mode !== 5) return { color: undefined, used: 1 };
  if (a < 16) return { color: named(byte(a)), used: 2 };
  if (a >= 232) return { color: gray(8 + (byte(a) - 232) * 10), used: 2 };
  const cube = byte(a) - 16;
  const level = (part: number) => (part === 0 ? 0 : 55 + part * 40);
  const [red, green, blue] = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level);
  return { color: `rgb(${red} ${green} ${blue})`, used: 2 };
}

const byte = (value: number) => Math.max(0, Math.min(255, Math.trunc(value) || 0));
const gray = (value: number) => `rgb(${value} ${value} ${value})`;
