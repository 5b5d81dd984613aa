import { z } from 'zod';
import { AccessTokenId, UserId, WorkspaceId } from '../ids.ts';
import { DisplayName } from '../names.ts';
import { defineRoute, PageQuery, page, Role, Scope, Timestamp } from './route.ts';

export const WorkspaceParams = z.object({ workspaceId: WorkspaceId });

export const Workspace = z
  .object({ id: WorkspaceId, name: z.string(), role: Role, createdAt: Timestamp })
  .meta({ id: 'Workspace', description: 'A tenant, with your role in it.' });
export type Workspace = z.infer<typeof Workspace>;

export const listWorkspaces = defineRoute({
  id: 'listWorkspaces',
  method: 'GET',
  path: '/api/v1/workspaces',
  summary: 'Your workspaces',
  access: 'user',
  query: PageQuery,
  reply: page(Workspace),
});
export const postWorkspace = defineRoute({
  id: 'postWorkspace',
  method: 'POST',
  path: '/api/v1/workspaces',
  summary: 'Create a workspace; you become its owner',
  access: 'user',
  body: z.strictObject({ name: DisplayName }),
  reply: Workspace,
  status: 201,
});
export const getWorkspace = defineRoute({
  id: 'getWorkspace',
  method: 'GET',
  path: '/api/v1/workspaces/:workspaceId',
  summary: 'One workspace',
  access: { role: 'viewer', scope: 'workspace:read' },
  params: WorkspaceParams,
  reply: Workspace,
  errors: ['workspace_not_found'],
});
export const patchWorkspace = defineRoute({
  id: 'patchWorkspace',
  method: 'PATCH',
  path: '/api/v1/workspaces/:workspaceId',
  summary: 'Rename a workspace',
  access: { role: 'admin', scope: 'workspace:write' },
  params: WorkspaceParams,
  body: z.strictObject({ name: DisplayName }),
  reply: Workspace,
  errors: ['workspace_not_found'],
});

/** An access token as it is listed; its text is shown once, when it is made. */
export const AccessToken = z
  .object({
    id: AccessTokenId,
    name: z.string(),
    prefix: z.string().meta({ description: 'the first characters of the token, to tell tokens apart' }),
    scopes: z.array(Scope),
    createdBy: z.object({ id: UserId, name: z.string() }),
    createdAt: Timestamp,
    expiresAt: Timestamp.nullable(),
    lastUsedAt: Timestamp.nullable(),
  })
  .meta({ id: 'AccessToken' });
export type AccessToken = z.infer<typeof AccessToken>;

export const listAccessTokens = defineRoute({
  id: 'listAccessTokens',
  method: 'GET',
  path: '/api/v1/workspaces/:workspaceId/access-tokens',
  summary: 'Access tokens: your own, or all for admins',
  access: { role: 'viewer', scope: 'workspace:read' },
  params: WorkspaceParams,
  query: PageQuery,
  reply: page(AccessToken),
});
export const postAccessToken = defineRoute({
  id: 'postAccessToken',
  method: 'POST',
  path: '/api/v1/workspaces/:workspaceId/access-tokens',
  summary: 'Make an access token; its text is in this reply only',
  access: { role: 'viewer', scope: 'workspace:write' },
  params: WorkspaceParams,
  body: z.strictObject({
    name: DisplayName,
    scopes: z.array(Scope).min(1),
    expiresInDays: z.number().int().min(1).max(3650).nullable().default(90),
  }),
  reply: z.object({ token: AccessToken, text: z.string() }),
  status: 201,
});
export const deleteAccessToken = defineRoute({
  id: 'deleteAccessToken',
  method: 'DELETE',
  path: '/api/v1/workspaces/:workspaceId/access-tokens/:tokenId',
  summary: 'Revoke an access token',
  access: { role: 'viewer', scope: 'workspace:write' },
  params: WorkspaceParams.extend({ tokenId: AccessTokenId }),
  reply: 'empty',
  errors: ['not_found'],
});
