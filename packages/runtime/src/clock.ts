/** Milliseconds, written as `5 * MINUTE`. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Time as the product's code sees it, so that tests can turn it. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls once after `ms`; the returned function stops it. Never keeps the process alive. */
  after(ms: number, run: () => void): () => void;
  /** Calls every `ms`; the returned function stops it. Never keeps the process alive. */
  every(ms: number, run: () => void): () => void;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  every: (ms, run) => {
    const timer = setInterval(run, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};

export type ManualClock = Clock & {
  /** Moves time and runs everything due, in order. */
  advance(ms: number): void;
};

/** A clock that stands still until told otherwise; `start` in milliseconds since 1970. */
export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let now = start;
  let timers: { at: number; run: () => void; every: number | null }[] = [];
  const add = (ms: number, run: () => void, every: number | null) => {
    const timer = { at: now + ms, run, every };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };
  return {
    now: () => now,
    after: (ms, run) => add(ms, run, null),
    every: (ms, run) => add(ms, run, ms),
    advance: (ms) => {
      const end = now + ms;
      for (;;) {
        const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        now = due.at;
        if (due.every === null) timers = timers.filter((other) => other !== due);
        else due.at += due.every;
        due.run();
      }
      now = end;
    },
  };
}
