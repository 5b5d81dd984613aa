/**
 * On whose behalf a query runs. Every service and store method takes one first, so that a query without a tenant is
 * a type error. `system` is made in the composition root and handed to sweeps only.
 */
export type UserScope = { readonly kind: 'user'; readonly userId: string };
export type WorkspaceScope = {
  readonly kind: 'workspace';
  readonly workspaceId: string;
  readonly userId: string;
};
export type NodeScope = { readonly kind: 'node'; readonly nodeId: string };
export type SystemScope = { readonly kind: 'system'; readonly purpose: string };
export type Scope = UserScope | WorkspaceScope | NodeScope | SystemScope;

export const userScope = (userId: string): UserScope => ({ kind: 'user', userId });
export const workspaceScope = (workspaceId: string, userId: string): WorkspaceScope => ({
  kind: 'workspace',
  workspaceId,
  userId,
});
export const nodeScope = (nodeId: string): NodeScope => ({ kind: 'node', nodeId });
/** Composition root and sweeps only. */
export const systemScope = (purpose: string): SystemScope => ({ kind: 'system', purpose });
