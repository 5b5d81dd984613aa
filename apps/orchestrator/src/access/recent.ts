import type { Clock } from '@otherthing/runtime';

/**
 * Answers remembered for a moment, so that thousands of requests a second with one credential cost one query a second.
 * Concurrent askers of one key share a lookup. What is told to be forgotten is not answered from memory again, also
 * when its lookup was under way; failures are not remembered.
 */
export type Recent<V> = {
  get(key: string, load: () => Promise<V>): Promise<V>;
  /** Forgets what belongs to these people, and all lookups under way: whose they are is not known yet. */
  forget(userIds: ReadonlySet<string>): void;
};

type Entry<V> = { readonly at: number; readonly answer: Promise<V>; value?: { readonly is: V } };

/** `ttlMs`: how long an answer counts from the start of its lookup. `owner`: whom an answer belongs to. */
export function createRecent<V>(options: {
  ttlMs: number;
  max: number;
  clock: Clock;
  owner: (value: V) => string | undefined;
}): Recent<V> {
  const { ttlMs, max, clock, owner } = options;
  const entries = new Map<string, Entry<V>>();

  const look = (key: string, load: () => Promise<V>, now: number): Promise<V> => {
    const entry: Entry<V> = { at: now, answer: load() };
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size > max) entries.delete(entries.keys().next().value as string);
    entry.answer.then(
      (value) => {
        entry.value = { is: value };
      },
      () => {
        if (entries.get(key) === entry) entries.delete(key);
      },
    );
    return entry.answer;
  };

  return {
    get(key, load) {
      const now = clock.now();
      const known = entries.get(key);
      if (known && now >= known.at && now - known.at < ttlMs) return known.answer;
      return look(key, load, now);
    },
    forget(userIds) {
      for (const [key, entry] of entries) {
        const belongsTo = entry.value && owner(entry.value.is);
        if (!entry.value || belongsTo === undefined || userIds.has(belongsTo)) entries.delete(key);
      }
    },
  };
}
