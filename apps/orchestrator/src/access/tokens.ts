import { AppError } from '@otherthing/protocol/errors';
import type { Role, Scope as TokenScope } from '@otherthing/protocol/http';
import { newId } from '@otherthing/protocol/ids';
import { type Clock, DAY } from '@otherthing/runtime';
import type { Accounts } from '../accounts/index.ts';
import type { Bus } from '../platform/bus/index.ts';
import { checksum, hashToken, randomText } from '../platform/crypto/index.ts';
import { type UserScope, userScope, type WorkspaceScope } from '../platform/scope.ts';
import type { Page } from '../workspaces/index.ts';
import { can } from './roles.ts';
import type { TokenRow, TokensStore } from './tokens.store.ts';

/** Access tokens one member may have in one workspace. */
const MOST_PER_MEMBER = 100;
/** Shown of a token: `ot_` and this many characters of its secret (31 of 207 bits). */
const SHOWN_CHARACTERS = 6;

/** A token as its workspace lists it. */
export type TokenView = TokenRow & { readonly createdBy: { readonly id: string; readonly name: string } };

export type TokensDeps = {
  readonly store: TokensStore;
  readonly accounts: Pick<Accounts, 'users'>;
  readonly bus: Bus;
  readonly clock: Clock;
  /** Makes the caches of this process forget a person at once. */
  readonly forget: (userIds: readonly string[]) => void;
};

/** Making, listing and revoking access tokens. Roles are the caller's in the workspace of the scope. */
export function createTokens({ store, accounts, bus, clock, forget }: TokensDeps) {
  const withNames = async (scope: UserScope, rows: readonly TokenRow[]): Promise<TokenView[]> => {
    const users = await accounts.users(scope, [...new Set(rows.map((row) => row.userId))]);
    const names = new Map(users.map((user) => [user.id, user.name]));
    return rows.map((row) => ({ ...row, createdBy: { id: row.userId, name: names.get(row.userId) ?? '' } }));
  };
  return {
    /** The text of the token is in this answer only. */
    async createToken(
      scope: WorkspaceScope,
      input: { name: string; scopes: readonly TokenScope[]; expiresInDays: number | null },
    ): Promise<{ token: TokenView; text: string }> {
      const now = clock.now();
      const body = `ot_${randomText(40)}`;
      const text = `${body}_${checksum(body)}`;
      const row: TokenRow = {
        id: newId('tok', now),
        workspaceId: scope.workspaceId,
        userId: scope.userId,
        name: input.name,
        prefix: body.slice(0, 3 + SHOWN_CHARACTERS),
        scopes: [...new Set(input.scopes)],
        createdAt: new Date(now),
        expiresAt: input.expiresInDays === null ? null : new Date(now + input.expiresInDays * DAY),
        lastUsedAt: null,
      };
      if (!(await store.insert(scope, { token: row, tokenHash: hashToken(text), most: MOST_PER_MEMBER }))) {
        throw new AppError('bad_request', {
          message: `You have ${MOST_PER_MEMBER} access tokens in this workspace, the most a member may have.`,
          hint: 'Revoke some of them first.',
        });
      }
      bus.publish('tokens.changed', { workspaceId: scope.workspaceId, topic: 'access-tokens' });
      const [token] = await withNames(userScope(scope.userId), [row]);
      return { token: token!, text };
    },

    async listTokens(
      scope: WorkspaceScope,
      query: { limit: number; cursor?: string | undefined; role: Role },
    ): Promise<Page<TokenView>> {
      const rows = await store.list(scope, {
        limit: query.limit + 1,
        before: query.cursor,
        everybody: can(query.role, 'access-tokens:see-all'),
      });
      const items = rows.slice(0, query.limit);
      const next = rows.length > query.limit ? (items.at(-1)?.id ?? null) : null;
      return { items: await withNames(userScope(scope.userId), items), next };
    },

    /** Throws `not_found` also for a token of somebody else that the caller may not revoke. */
    async revokeToken(
      scope: WorkspaceScope,
      { tokenId, role }: { tokenId: string; role: Role },
    ): Promise<void> {
      const userId = await store.revoke(scope, {
        tokenId,
        anybodys: can(role, 'access-tokens:revoke-all'),
      });
      if (!userId) {
        throw new AppError('not_found', {
          message: 'You have no such access token in this workspace.',
          hint: 'Run `otherthing token list`.',
        });
      }
      forget([userId]);
      bus.publish('access.changed', { userIds: [userId] });
      bus.publish('tokens.changed', { workspaceId: scope.workspaceId, topic: 'access-tokens' });
    },
  };
}
