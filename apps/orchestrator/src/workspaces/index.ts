import type { Clock } from '@otherthing/runtime';
import type { Pool } from 'pg';
import type { Bus } from '../platform/bus/index.ts';
import type { Keyring } from '../platform/crypto/index.ts';
import { createWorkspacesStore } from './workspaces.store.ts';
import { createWorkspacesService } from './workspaces.ts';

/** Workspaces: the tenants, their members with roles, and their swarm keys (stored sealed, made on first need). */
export type Workspaces = ReturnType<typeof createWorkspacesService>;

export type WorkspacesDeps = {
  readonly pool: Pool;
  readonly keyring: Pick<Keyring, 'seal' | 'open'>;
  readonly bus: Bus;
  readonly clock: Clock;
};

export function createWorkspaces({ pool, ...deps }: WorkspacesDeps): Workspaces {
  return createWorkspacesService({ store: createWorkspacesStore(pool), ...deps });
}

export { registerWorkspaces } from './workspaces.routes.ts';
export type { MemberRow as Member, WorkspaceRow as WorkspaceView } from './workspaces.store.ts';
export type { Page } from './workspaces.ts';
