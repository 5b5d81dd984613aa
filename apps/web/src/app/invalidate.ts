import type { LiveTopic } from '@otherthing/protocol/live';

export type Topics = Partial<Record<LiveTopic, readonly string[] | 'many'>>;

/** Which snapshots an event makes stale: by topic, and for details only those whose id is named. */
export function isStale(queryKey: readonly unknown[], workspaceId: string, topics: Topics): boolean {
  const [scope, topic, kind, id] = queryKey;
  if (topic === 'workspaces' && topics.workspaces) return true;
  if (scope !== workspaceId) return false;
  // Capacity in use and the jobs of a node follow from the jobs.
  if (topic === 'nodes' && kind !== 'detail' && topics.jobs) return true;
  const changed = topics[topic as LiveTopic];
  if (!changed) return false;
  return kind !== 'detail' || changed === 'many' || changed.includes(String(id));
}

/** Both events as one. */
export function mergeTopics(a: Topics, b: Topics): Topics {
  const merged: Record<string, readonly string[] | 'many'> = { ...a };
  for (const [topic, ids] of Object.entries(b)) {
    const before = merged[topic];
    merged[topic] = before === 'many' || ids === 'many' ? 'many' : [...new Set([...(before ?? []), ...ids])];
  }
  return merged;
}

/**
 * Carries changes to `refresh`, one at a time and at most one every `pauseMs`: what arrives meanwhile is merged and
 * carried next, so a storm of events never cancels the reads it asks for.
 */
export function createRefresher(refresh: (topics: Topics | 'all') => Promise<unknown>, pauseMs: number) {
  let pending: Topics | 'all' | undefined;
  let busy = false;
  const run = async () => {
    busy = true;
    while (pending) {
      const now = pending;
      pending = undefined;
      await refresh(now).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    busy = false;
  };
  return (topics: Topics | 'all') => {
    pending = topics === 'all' || pending === 'all' ? 'all' : mergeTopics(pending ?? {}, topics);
    if (!busy) void run();
  };
}
