/** Shorter values would blacken half of every output, and hide nothing. */
export const MIN_SECRET_LENGTH = 4;
const MASK = Buffer.from('***');

/** Replaces secret values in bytes that arrive in pieces, also when a value is split between two of them. */
export type Redactor = {
  /** What may be shown now; the end is held back while it could be the start of a secret. */
  push(chunk: Uint8Array): Uint8Array;
  /** What was held back. */
  flush(): Uint8Array;
};

const valuesOf = (secrets: Readonly<Record<string, string>>): Buffer[] =>
  [...new Set(Object.values(secrets))]
    .filter((value) => value.length >= MIN_SECRET_LENGTH)
    .map((value) => Buffer.from(value))
    .sort((a, b) => b.length - a.length);

/** How many bytes at the end of `bytes` could be the beginning of `value`, without being all of it. */
function openEnd(bytes: Buffer, value: Buffer): number {
  for (let length = Math.min(value.length - 1, bytes.length); length > 0; length -= 1) {
    if (bytes.subarray(bytes.length - length).equals(value.subarray(0, length))) return length;
  }
  return 0;
}

/** Length of the longest end that could be the beginning of a value. */
function heldBack(bytes: Buffer, values: readonly Buffer[]): number {
  return values.reduce((held, value) => Math.max(held, openEnd(bytes, value)), 0);
}

/** The first value in `bytes` at or after `from`; of two that start together the longer one. */
function firstValue(
  bytes: Buffer,
  values: readonly Buffer[],
  from: number,
): { start: number; end: number } | undefined {
  let best: { start: number; end: number } | undefined;
  for (const value of values) {
    const start = bytes.indexOf(value, from);
    if (start !== -1 && (!best || start < best.start)) best = { start, end: start + value.length };
  }
  return best;
}

/** `parts`: what is decided. `held`: the end that could still become a value, or hold one. */
function replaceValues(bytes: Buffer, values: readonly Buffer[]): { parts: Buffer[]; held: Buffer } {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const rest = bytes.subarray(at);
    // Where a longer value may have begun, a shorter one inside it must wait: its mask would hide the longer one's start.
    const limit = bytes.length - heldBack(rest, values);
    const found = firstValue(bytes, values, at);
    if (!found || found.start >= limit) {
      parts.push(bytes.subarray(at, limit));
      return { parts, held: Buffer.from(bytes.subarray(limit)) };
    }
    parts.push(bytes.subarray(at, found.start), MASK);
    at = found.end;
  }
}

/** Bytes that nothing follows: every value in them is replaced. */
function replaceRest(bytes: Buffer, values: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const found = firstValue(bytes, values, at);
    if (!found) return Buffer.concat([...parts, bytes.subarray(at)]);
    parts.push(bytes.subarray(at, found.start), MASK);
    at = found.end;
  }
}

/** A redactor for one stream, or undefined when there is nothing to hide. */
export function createRedactor(secrets: Readonly<Record<string, string>>): Redactor | undefined {
  const values = valuesOf(secrets);
  if (values.length === 0) return undefined;
  let held: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      const done = replaceValues(Buffer.concat([held, chunk]), values);
      held = done.held;
      return Buffer.concat(done.parts);
    },
    flush() {
      const rest = replaceRest(held, values);
      held = Buffer.alloc(0);
      return rest;
    },
  };
}

/** A sentence without secrets. */
export function redactText(text: string, secrets: Readonly<Record<string, string>>): string {
  return valuesOf(secrets).reduce((done, value) => done.replaceAll(value.toString(), '***'), text);
}

/** A JSON value without secrets in any of its strings or names. */
export function redactJson(value: unknown, secrets: Readonly<Record<string, string>>): unknown {
  if (Object.keys(secrets).length === 0) return value;
  if (typeof value === 'string') return redactText(value, secrets);
  if (Array.isArray(value)) return value.map((item) => redactJson(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [redactText(name, secrets), redactJson(item, secrets)]),
  );
}
