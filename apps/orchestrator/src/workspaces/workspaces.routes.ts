import { workspaces as contract } from '@otherthing/protocol/http';
import type { Serve } from '../platform/http/index.ts';
import { userScope, workspaceScope } from '../platform/scope.ts';
import type { Workspaces } from './index.ts';
import type { WorkspaceRow } from './workspaces.store.ts';

const toWorkspace = (row: WorkspaceRow) => ({ ...row, createdAt: row.createdAt.toISOString() });

/** Create, list, read and rename workspaces over HTTP. */
export function registerWorkspaces(serve: Serve, workspaces: Workspaces): void {
  serve(contract.listWorkspaces, async (call) => {
    const page = await workspaces.list(userScope(call.principal.userId), call.query);
    return { items: page.items.map(toWorkspace), next: page.next };
  });
  serve(contract.postWorkspace, async (call) =>
    toWorkspace(await workspaces.create(userScope(call.principal.userId), call.body.name)),
  );
  serve(contract.getWorkspace, async (call) => {
    const scope = workspaceScope(call.params.workspaceId, call.principal.userId);
    return toWorkspace(await workspaces.get(scope));
  });
  serve(contract.patchWorkspace, async (call) => {
    const scope = workspaceScope(call.params.workspaceId, call.principal.userId);
    return toWorkspace(await workspaces.rename(scope, call.body.name));
  });
}
