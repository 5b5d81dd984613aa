import type { PendingClaim, Registered } from '@otherthing/protocol/agent';
import type { LinkMessage } from '../connection/index.ts';

export type NodeView = {
  readonly name: string | null;
  readonly owner: string | null;
  readonly shareKey: string | null;
  readonly shareKeyExpiresAt: string | null;
  readonly workspaces: readonly { readonly id: string; readonly name: string }[];
  readonly pendingClaims: readonly PendingClaim[];
  readonly join: { readonly workspaceId: string; readonly approved: boolean } | null;
};

/** Something a person at the machine wants to know. */
export type NodeNews =
  | { readonly type: 'registered'; readonly view: NodeView }
  | { readonly type: 'share-key'; readonly view: NodeView }
  | { readonly type: 'claim'; readonly claim: PendingClaim }
  | { readonly type: 'joined'; readonly workspace: { id: string; name: string } }
  | { readonly type: 'left'; readonly workspace: { id: string; name: string }; readonly reason: string };

export type NodeState = ReturnType<typeof createNodeState>;

const EMPTY: NodeView = {
  name: null,
  owner: null,
  shareKey: null,
  shareKeyExpiresAt: null,
  workspaces: [],
  pendingClaims: [],
  join: null,
};

export function createNodeState(onNews: (news: NodeNews) => void) {
  let view = EMPTY;
  const waiters = new Set<() => void>();

  const become = (next: NodeView): void => {
    view = next;
    for (const wake of [...waiters]) wake();
  };
  const setClaims = (pendingClaims: readonly PendingClaim[]): void => {
    const known = new Set(view.pendingClaims.map((claim) => claim.claim_id));
    become({ ...view, pendingClaims });
    for (const claim of pendingClaims) if (!known.has(claim.claim_id)) onNews({ type: 'claim', claim });
  };
  const joined = (id: string, name: string): void => {
    const workspace = { id, name };
    const isNew = !view.workspaces.some((entry) => entry.id === id);
    become({ ...view, workspaces: [...view.workspaces.filter((entry) => entry.id !== id), workspace] });
    if (isNew) onNews({ type: 'joined', workspace });
  };
  const left = (id: string, reason: string): void => {
    const workspace = view.workspaces.find((entry) => entry.id === id) ?? { id, name: id };
    become({ ...view, workspaces: view.workspaces.filter((entry) => entry.id !== id) });
    onNews({ type: 'left', workspace, reason });
  };

  return {
    view: () => view,

    onRegistered(message: Registered): void {
      become({
        ...view,
        name: message.name,
        owner: message.owner,
        shareKey: message.share_key,
        shareKeyExpiresAt: message.share_key_expires_at,
        workspaces: message.workspaces,
        join: message.join
          ? { workspaceId: message.join.workspace_id, approved: message.join.approved }
          : view.join,
      });
      onNews({ type: 'registered', view });
      setClaims(message.pending_claims);
    },

    onMessage(message: LinkMessage): void {
      if (message.type === 'claims') setClaims(message.pending);
      else if (message.type === 'workspace_joined')
        joined(message.workspace_id, message.workspace_name ?? message.workspace_id);
      else if (message.type === 'workspace_left') left(message.workspace_id, message.reason);
      else if (message.type === 'share_key') {
        become({ ...view, shareKey: message.share_key, shareKeyExpiresAt: message.expires_at });
        onNews({ type: 'share-key', view });
      }
    },

    /** Waits until `isTrue`, at most `ms`; says whether it came true. */
    async until(isTrue: (view: NodeView) => boolean, ms: number): Promise<boolean> {
      if (isTrue(view)) return true;
      return new Promise((resolve) => {
        const finish = (value: boolean) => {
          clearTimeout(timer);
          waiters.delete(check);
          resolve(value);
        };
        const check = () => {
          if (isTrue(view)) finish(true);
        };
        const timer = setTimeout(() => finish(false), ms);
        waiters.add(check);
      });
    },
  };
}
