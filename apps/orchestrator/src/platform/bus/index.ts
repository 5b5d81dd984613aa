/**
 * News between domains, upward only: ids as wake-ups, never facts. It may lose, duplicate and reorder; every consumer
 * also has a sweep that finds the same work in the store. This one lives in the process; one between orchestrators
 * has the same face.
 */
export type BusEvents = {
  /** Jobs were committed as waiting, or became plannable again. */
  'jobs.waiting': { readonly workspaceIds: readonly string[] };
  /** Attempts were committed for these nodes and wait to be sent. */
  'jobs.assigned': { readonly nodeIds: readonly string[] };
  /** Attempts on these nodes have to be stopped. */
  'jobs.cancel': { readonly nodeIds: readonly string[] };
  /** Something a list or page of the workspace shows has changed. */
  'jobs.changed': { readonly workspaceId: string; readonly ids: readonly string[] };
  /** New output of an attempt is stored. */
  'output.stored': { readonly jobId: string; readonly epoch: number };
  /** A node connected, changed what it offers, or got free capacity. */
  'nodes.ready': { readonly nodeIds: readonly string[] };
  /** The lease of a node ended: its attempts are lost. */
  'nodes.lost': { readonly nodeIds: readonly string[] };
  /** A node left a workspace: its attempts there are to be stopped. */
  'nodes.left': { readonly nodeId: string; readonly workspaceId: string };
  'nodes.changed': { readonly workspaceIds: readonly string[]; readonly nodeId: string };
  /** Memberships, sessions or tokens of a person changed: caches forget them. */
  'access.changed': { readonly userIds: readonly string[] };
  'workspaces.changed': { readonly workspaceId: string };
  'tokens.changed': { readonly workspaceId: string; readonly topic: 'join-tokens' | 'access-tokens' };
};

export type BusTopic = keyof BusEvents;

export type Bus = {
  publish<T extends BusTopic>(topic: T, event: BusEvents[T]): void;
  /** Returns the function that ends the subscription. Listeners must not throw; they run after the publisher's turn. */
  subscribe<T extends BusTopic>(topic: T, listener: (event: BusEvents[T]) => void): () => void;
};

/** The bus of one process. */
export function createLocalBus(): Bus {
  const listeners = new Map<BusTopic, Set<(event: never) => void>>();
  return {
    publish(topic, event) {
      for (const listener of listeners.get(topic) ?? []) setImmediate(() => listener(event as never));
    },
    subscribe(topic, listener) {
      const set = listeners.get(topic) ?? new Set();
      listeners.set(topic, set);
      set.add(listener as (event: never) => void);
      return () => set.delete(listener as (event: never) => void);
    },
  };
}
