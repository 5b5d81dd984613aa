/** Machine facts as people read them. Pure; `now` and times are milliseconds since 1970. */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `just now`, `12 s ago`, `3 h ago`, `in 5 min`, then the date. */
export function relativeTime(at: number, now: number): string {
  const distance = Math.abs(now - at);
  const text = distanceText(distance);
  if (!text) return new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' });
  if (text === 'now') return 'just now';
  return at > now ? `in ${text}` : `${text} ago`;
}

function distanceText(distance: number): string | undefined {
  if (distance < 3 * SECOND) return 'now';
  if (distance < MINUTE) return `${Math.floor(distance / SECOND)} s`;
  if (distance < HOUR) return `${Math.floor(distance / MINUTE)} min`;
  if (distance < DAY) return `${Math.floor(distance / HOUR)} h`;
  if (distance < 14 * DAY) return `${Math.floor(distance / DAY)} d`;
  return undefined;
}

/** Day, time and zone, for example `24 Nov 2026, 09:51:31 UTC`. */
export function exactTime(at: number, options: { timeZone?: string } = {}): string {
  return new Date(at).toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    ...options,
  });
}

/** `12:04` in the reader's zone. */
export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

/** `320 ms`, `4.2 s`, `1 m 32 s`, `3 h 05 m`, `2 d 4 h`. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} m ${pad(Math.floor((ms % MINUTE) / SECOND))} s`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ${pad(Math.floor((ms % HOUR) / MINUTE))} m`;
  return `${Math.floor(ms / DAY)} d ${Math.floor((ms % DAY) / HOUR)} h`;
}

const pad = (value: number) => String(value).padStart(2, '0');

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `512 B`, `1.5 KiB`, `16 GiB`. */
export function bytes(count: number): string {
  let value = Math.max(0, count);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 || Number.isInteger(Number(value.toFixed(1))) ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Mebibytes, as the API counts memory. */
export const mebibytes = (count: number) => bytes(count * 1024 * 1024);

/** Up to two decimals, none where there are none: `4`, `0.5`, `1,250`. */
export function quantity(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 2 });
}

/** `1 node`, `3 nodes`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
