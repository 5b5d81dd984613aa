import { AppError } from '@otherthing/protocol/errors';
import { workspaces as contract } from '@otherthing/protocol/http';
import type { Serve } from '../platform/http/index.ts';
import { workspaceScope } from '../platform/scope.ts';
import type { Access } from './index.ts';
import type { TokenView } from './tokens.ts';

/** Access tokens over HTTP. */
export function registerAccess(serve: Serve, access: Access): void {
  serve(contract.listAccessTokens, async (call) => {
    const scope = workspaceScope(call.params.workspaceId, call.principal.userId);
    const page = await access.listTokens(scope, { ...call.query, role: call.membership.role });
    return { items: page.items.map(toToken), next: page.next };
  });
  serve(contract.postAccessToken, async (call) => {
    if (call.principal.token) {
      throw new AppError('forbidden', {
        message: 'An access token cannot make access tokens: it would outlive its own expiry and scopes.',
        hint: 'Make it in the dashboard, or run `otherthing login` first.',
      });
    }
    const scope = workspaceScope(call.params.workspaceId, call.principal.userId);
    const { token, text } = await access.createToken(scope, call.body);
    return { token: toToken(token), text };
  });
  serve(contract.deleteAccessToken, async (call) => {
    const scope = workspaceScope(call.params.workspaceId, call.principal.userId);
    await access.revokeToken(scope, { tokenId: call.params.tokenId, role: call.membership.role });
  });
}

function toToken(token: TokenView) {
  return {
    id: token.id,
    name: token.name,
    prefix: token.prefix,
    scopes: [...token.scopes],
    createdBy: token.createdBy,
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt?.toISOString() ?? null,
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
  };
}
