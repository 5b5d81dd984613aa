import type { LiveEvent } from '@otherthing/protocol/live';

/** Where a page stands in a workspace's stream of changes. */
export type LiveCursor = { readonly workspaceId: string; readonly boot: string; readonly revision: number };

/** `gap`: something may have been missed, snapshots must be read again. */
export type LiveStep = {
  readonly cursor: LiveCursor | undefined;
  readonly gap: boolean;
  readonly topics: Extract<LiveEvent, { type: 'changed' }>['topics'];
};

/**
 * What an event means for a page that stood at `cursor`. Revisions of one boot count up by one; another boot, a jump,
 * or the first event of a workspace means that changes may have been missed. Repeated and older events change nothing.
 */
export function stepRevision(cursor: LiveCursor | undefined, event: LiveEvent): LiveStep {
  if (event.type !== 'watching' && event.type !== 'changed') return { cursor, gap: false, topics: {} };
  const { workspaceId, boot, revision } = event;
  const next = { workspaceId, boot, revision };
  const topics = event.type === 'changed' ? event.topics : {};
  if (!cursor || cursor.workspaceId !== workspaceId || cursor.boot !== boot) {
    return { cursor: next, gap: true, topics };
  }
  if (event.type === 'watching') return { cursor: next, gap: revision !== cursor.revision, topics };
  if (revision <= cursor.revision) return { cursor, gap: false, topics: {} };
  return { cursor: next, gap: revision !== cursor.revision + 1, topics };
}
