import type { Role } from '@otherthing/protocol/http';
import type { Pool } from 'pg';
import type { Scope, SystemScope, UserScope, WorkspaceScope } from '../platform/scope.ts';

export type WorkspaceRow = {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
};
export type MemberRow = { readonly userId: string; readonly role: Role; readonly createdAt: Date };

export type WorkspacesStore = ReturnType<typeof createWorkspacesStore>;

const SHOWN = 'w.id, w.name, m.role, w.created_at as "createdAt"';
const MINE = 'workspaces w join workspace_members m on m.workspace_id = w.id and m.user_id = $1';

/** SQL for workspaces and their members. */
export function createWorkspacesStore(pool: Pool) {
  return {
    /** Makes a workspace with its owner; false, and nothing made, when the person is in `most` already. */
    async create(
      scope: UserScope,
      { workspace, most }: { workspace: Omit<WorkspaceRow, 'role'>; most: number },
    ): Promise<boolean> {
      const { rowCount } = await pool.query(
        `with made as (
           insert into workspaces (id, name, created_at)
           select $2, $3, $4 where (select count(*) from workspace_members where user_id = $1) < $5
           returning id)
         insert into workspace_members (workspace_id, user_id, role, created_at)
         select id, $1, 'owner', $4 from made`,
        [scope.userId, workspace.id, workspace.name, workspace.createdAt, most],
      );
      return rowCount === 1;
    },

    /** Newest first, those older than `before`. */
    async list(scope: UserScope, { limit, before }: { limit: number; before: string | undefined }) {
      const { rows } = await pool.query<WorkspaceRow>(
        `select ${SHOWN} from ${MINE} where $3::text is null or w.id < $3 order by w.id desc limit $2`,
        [scope.userId, limit, before ?? null],
      );
      return rows;
    },

    async get(scope: WorkspaceScope): Promise<WorkspaceRow | undefined> {
      const { rows } = await pool.query<WorkspaceRow>(`select ${SHOWN} from ${MINE} where w.id = $2`, [
        scope.userId,
        scope.workspaceId,
      ]);
      return rows[0];
    },

    async rename(scope: WorkspaceScope, name: string): Promise<boolean> {
      const { rowCount } = await pool.query('update workspaces set name = $2 where id = $1', [
        scope.workspaceId,
        name,
      ]);
      return rowCount === 1;
    },

    async role(scope: UserScope, workspaceId: string): Promise<Role | undefined> {
      const { rows } = await pool.query<{ role: Role }>(
        'select role from workspace_members where user_id = $1 and workspace_id = $2',
        [scope.userId, workspaceId],
      );
      return rows[0]?.role;
    },

    async members(_scope: WorkspaceScope | SystemScope, workspaceId: string): Promise<MemberRow[]> {
      const { rows } = await pool.query<MemberRow>(
        `select user_id as "userId", role, created_at as "createdAt" from workspace_members
         where workspace_id = $1 order by created_at, user_id`,
        [workspaceId],
      );
      return rows;
    },

    async names(_scope: Scope, ids: readonly string[]): Promise<{ id: string; name: string }[]> {
      const { rows } = await pool.query<{ id: string; name: string }>(
        'select id, name from workspaces where id = any($1)',
        [ids],
      );
      return rows;
    },

    /** The sealed swarm key; null before it was made, undefined when there is no such workspace. */
    async swarmKey(_scope: Scope, workspaceId: string): Promise<Buffer | null | undefined> {
      const { rows } = await pool.query<{ swarm_key: Buffer | null }>(
        'select swarm_key from workspaces where id = $1',
        [workspaceId],
      );
      return rows[0]?.swarm_key;
    },

    /** Stores the swarm key if there is none yet. */
    async setSwarmKey(
      _scope: Scope,
      { workspaceId, sealed }: { workspaceId: string; sealed: Buffer },
    ): Promise<void> {
      await pool.query('update workspaces set swarm_key = $2 where id = $1 and swarm_key is null', [
        workspaceId,
        sealed,
      ]);
    },
  };
}
