import type { Scope as TokenScope } from '@otherthing/protocol/http';
import type { Pool } from 'pg';
import type { WorkspaceScope } from '../platform/scope.ts';

export type TokenRow = {
  readonly id: string;
  readonly workspaceId: string;
  readonly userId: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
};

export type TokensStore = ReturnType<typeof createTokensStore>;

const COLUMNS = `id, workspace_id as "workspaceId", user_id as "userId", name, prefix, scopes,
  created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt"`;

/** SQL for access tokens. Of a token only the sha256 and its first characters are stored. */
export function createTokensStore(pool: Pool) {
  return {
    /** False, and nothing stored, when the person has `most` tokens in the workspace. */
    async insert(
      scope: WorkspaceScope,
      { token, tokenHash, most }: { token: TokenRow; tokenHash: Buffer; most: number },
    ): Promise<boolean> {
      const { rowCount } = await pool.query(
        `insert into access_tokens (id, workspace_id, user_id, name, prefix, token_hash, scopes, created_at, expires_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9
         where (select count(*) from access_tokens where workspace_id = $2 and user_id = $3) < $10`,
        [
          token.id,
          scope.workspaceId,
          scope.userId,
          token.name,
          token.prefix,
          tokenHash,
          token.scopes,
          token.createdAt,
          token.expiresAt,
          most,
        ],
      );
      return rowCount === 1;
    },

    /** Newest first; `everybody`: not only the caller's own. */
    async list(
      scope: WorkspaceScope,
      query: { limit: number; before: string | undefined; everybody: boolean },
    ): Promise<TokenRow[]> {
      const { rows } = await pool.query<TokenRow>(
        `select ${COLUMNS} from access_tokens
         where workspace_id = $1 and ($2 or user_id = $3) and ($4::text is null or id < $4)
         order by id desc limit $5`,
        [scope.workspaceId, query.everybody, scope.userId, query.before ?? null, query.limit],
      );
      return rows;
    },

    /** Deletes a token and says whose it was; undefined when there is none the caller may delete. */
    async revoke(
      scope: WorkspaceScope,
      { tokenId, anybodys }: { tokenId: string; anybodys: boolean },
    ): Promise<string | undefined> {
      const { rows } = await pool.query<{ user_id: string }>(
        `delete from access_tokens where workspace_id = $1 and id = $2 and ($3 or user_id = $4)
         returning user_id`,
        [scope.workspaceId, tokenId, anybodys, scope.userId],
      );
      return rows[0]?.user_id;
    },

    /** Before anybody is known there is no scope but the secret itself. */
    async byHash(tokenHash: Buffer, now: Date): Promise<TokenRow | undefined> {
      const { rows } = await pool.query<TokenRow>(
        `select ${COLUMNS} from access_tokens where token_hash = $1 and (expires_at is null or expires_at > $2)`,
        [tokenHash, now],
      );
      return rows[0];
    },

    async touch(scope: WorkspaceScope, { tokenId, now }: { tokenId: string; now: Date }): Promise<void> {
      await pool.query('update access_tokens set last_used_at = $3 where workspace_id = $1 and id = $2', [
        scope.workspaceId,
        tokenId,
        now,
      ]);
    },
  };
}
