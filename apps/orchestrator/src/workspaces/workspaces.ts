import { randomBytes } from 'node:crypto';
import { AppError } from '@otherthing/protocol/errors';
import { newId } from '@otherthing/protocol/ids';
import type { Clock } from '@otherthing/runtime';
import type { Bus } from '../platform/bus/index.ts';
import type { Keyring } from '../platform/crypto/index.ts';
import type { Scope, UserScope, WorkspaceScope } from '../platform/scope.ts';
import type { WorkspaceRow, WorkspacesStore } from './workspaces.store.ts';

/** Workspaces one person may be in. */
const MOST_PER_PERSON = 100;

export type WorkspacesServiceDeps = {
  readonly store: WorkspacesStore;
  readonly keyring: Pick<Keyring, 'seal' | 'open'>;
  readonly bus: Bus;
  readonly clock: Clock;
};

/** One page of a list; `next` is the cursor of the following one. */
export type Page<T> = { readonly items: readonly T[]; readonly next: string | null };

export function createWorkspacesService(deps: WorkspacesServiceDeps) {
  const { store, bus, clock } = deps;
  return {
    /** The caller becomes the owner. */
    async create(scope: UserScope, name: string): Promise<WorkspaceRow> {
      const now = clock.now();
      const workspace = { id: newId('ws', now), name, createdAt: new Date(now) };
      if (!(await store.create(scope, { workspace, most: MOST_PER_PERSON }))) {
        throw new AppError('bad_request', {
          message: `You are in ${MOST_PER_PERSON} workspaces, the most one person may be in.`,
          hint: 'Rename and use one of them.',
        });
      }
      bus.publish('access.changed', { userIds: [scope.userId] });
      bus.publish('workspaces.changed', { workspaceId: workspace.id });
      return { ...workspace, role: 'owner' };
    },

    async list(
      scope: UserScope,
      query: { limit: number; cursor?: string | undefined },
    ): Promise<Page<WorkspaceRow>> {
      const rows = await store.list(scope, { limit: query.limit + 1, before: query.cursor });
      const items = rows.slice(0, query.limit);
      return { items, next: rows.length > query.limit ? (items.at(-1)?.id ?? null) : null };
    },

    /** Throws `workspace_not_found` also for a workspace the person is not in. */
    get: (scope: WorkspaceScope) => getWorkspace(store, scope),

    async rename(scope: WorkspaceScope, name: string): Promise<WorkspaceRow> {
      const before = await getWorkspace(store, scope);
      await store.rename(scope, name);
      bus.publish('workspaces.changed', { workspaceId: scope.workspaceId });
      return { ...before, name };
    },

    /** The person's role right now; undefined when they are not a member. Not cached. */
    role: (scope: UserScope, workspaceId: string) => store.role(scope, workspaceId),

    membersOf: (scope: WorkspaceScope) => store.members(scope, scope.workspaceId),

    /** Names of workspaces by id, for machines that are asked for by one and for lists; unknown ids are left out. */
    names: (scope: Scope, ids: readonly string[]) => store.names(scope, ids),

    swarmKey: (scope: Scope, workspaceId: string) => swarmKey(deps, scope, workspaceId),
  };
}

async function getWorkspace(store: WorkspacesStore, scope: WorkspaceScope): Promise<WorkspaceRow> {
  const workspace = await store.get(scope);
  if (!workspace) throw new AppError('workspace_not_found');
  return workspace;
}

/**
 * The 32 bytes (64 hex characters) that make the workspace's network private, made on first need. Two that need it at
 * once get the same: what is stored is read again.
 */
async function swarmKey(deps: WorkspacesServiceDeps, scope: Scope, workspaceId: string): Promise<string> {
  const { store, keyring } = deps;
  const context = `swarm-key:${workspaceId}`;
  let sealed = await store.swarmKey(scope, workspaceId);
  if (sealed === null) {
    const fresh = keyring.seal(randomBytes(32).toString('hex'), context);
    await store.setSwarmKey(scope, { workspaceId, sealed: fresh });
    sealed = await store.swarmKey(scope, workspaceId);
  }
  if (!sealed) throw new AppError('workspace_not_found');
  return keyring.open(sealed, context).toString();
}
