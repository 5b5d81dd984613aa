import { useEffect, useState, useSyncExternalStore } from 'react';
import { duration, exactTime, relativeTime } from '../format.ts';

/** One clock for all times of the page, so that a thousand rows cost one timer. */
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Milliseconds since 1970, refreshed every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** A time as its distance from now; the exact time and zone on hover. `at` is ISO 8601. */
export function When(props: { at: string }) {
  const current = useNow();
  const at = Date.parse(props.at);
  return (
    <time dateTime={props.at} title={exactTime(at)}>
      {relativeTime(at, Math.max(current, at > Date.now() ? 0 : at))}
    </time>
  );
}

/** How long something took, counting on while `to` is missing. */
export function Elapsed(props: { from: string; to?: string | null | undefined }) {
  return props.to ? (
    <span className="ot-num">{duration(Date.parse(props.to) - Date.parse(props.from))}</span>
  ) : (
    <Running from={props.from} />
  );
}

function Running(props: { from: string }) {
  const current = useNow();
  return <span className="ot-num">{duration(Math.max(0, current - Date.parse(props.from)))}</span>;
}

/** True once `ms` have passed since the first render: a spinner that never flashes. */
export function useLate(ms: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const wait = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(wait);
  }, [ms]);
  return late;
}
