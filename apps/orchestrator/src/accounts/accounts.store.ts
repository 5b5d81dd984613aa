import type { Pool, PoolClient } from 'pg';
import type { SystemScope, UserScope } from '../platform/scope.ts';
import type { Visitor } from './visitor.ts';

export type UserRow = { readonly id: string; readonly name: string; readonly email: string };
export type SessionRow = {
  readonly id: string;
  readonly kind: 'browser' | 'cli';
  readonly client: string;
  readonly address: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date;
};
export type NewUser = UserRow & { readonly passwordHash: string; readonly accountId: string };

/** Serialises everything that decides whether there is a first user. Any number that no other lock uses. */
const SETUP_LOCK = 84_200_001;

export type AccountsStore = ReturnType<typeof createAccountsStore>;

/** SQL for users, passwords and browser sessions (the tables better-auth reads) and for the setup link. */
export function createAccountsStore(pool: Pool) {
  return { ...setupQueries(pool), ...userQueries(pool), ...sessionQueries(pool) };
}

function setupQueries(pool: Pool) {
  return {
    async hasUsers(_scope: SystemScope | Visitor): Promise<boolean> {
      const { rows } = await pool.query<{ some: boolean }>('select exists (select from users) as some');
      return rows[0]?.some === true;
    },

    /** Makes this the one valid setup link. False, and nothing done, when there is a user. */
    async replaceSetupLink(_scope: SystemScope, tokenHash: Buffer): Promise<boolean> {
      return locked(pool, async (client) => {
        const { rowCount } = await client.query('select from users limit 1');
        await client.query('delete from setup_links');
        if (rowCount) return false;
        await client.query('insert into setup_links (token_hash) values ($1)', [tokenHash]);
        return true;
      });
    },

    async setupLinkExists(_scope: Visitor, tokenHash: Buffer): Promise<boolean> {
      const { rowCount } = await pool.query('select from setup_links where token_hash = $1', [tokenHash]);
      return rowCount === 1;
    },

    /** Uses the link up and makes the first user, both or nothing; of several at once, one wins. */
    async useSetupLink(
      _scope: Visitor,
      { tokenHash, user }: { tokenHash: Buffer; user: NewUser },
    ): Promise<'made' | 'setup_done' | 'setup_link_invalid'> {
      return locked(pool, async (client) => {
        const users = await client.query('select from users limit 1');
        if (users.rowCount) return 'setup_done';
        const link = await client.query('delete from setup_links where token_hash = $1', [tokenHash]);
        if (!link.rowCount) return 'setup_link_invalid';
        await client.query(
          'insert into users (id, name, email, email_verified, created_at, updated_at) values ($1, $2, $3, true, now(), now())',
          [user.id, user.name, user.email],
        );
        await client.query(
          `insert into user_accounts (id, account_id, provider_id, user_id, password, created_at, updated_at)
           values ($1, $2, 'credential', $2, $3, now(), now())`,
          [user.accountId, user.id, user.passwordHash],
        );
        return 'made';
      });
    },
  };
}

function userQueries(pool: Pool) {
  return {
    async users(_scope: SystemScope | UserScope, ids: readonly string[]): Promise<UserRow[]> {
      const { rows } = await pool.query<UserRow>('select id, name, email from users where id = any($1)', [
        ids,
      ]);
      return rows;
    },

    async userByEmail(_scope: SystemScope, email: string): Promise<UserRow | undefined> {
      const { rows } = await pool.query<UserRow>('select id, name, email from users where email = $1', [
        email,
      ]);
      return rows[0];
    },

    async passwordHash(scope: UserScope): Promise<string | undefined> {
      const { rows } = await pool.query<{ password: string }>(
        `select password from user_accounts
         where user_id = $1 and provider_id = 'credential' and password is not null`,
        [scope.userId],
      );
      return rows[0]?.password;
    },

    /** Sets the password and ends every session but `keep`, in one transaction. `was`: only if it is still this hash. */
    async setPassword(
      scope: UserScope,
      { hash, was, keep }: { hash: string; was?: string; keep?: string },
    ): Promise<boolean> {
      return transaction(pool, async (client) => {
        const { rowCount } = await client.query(
          `update user_accounts set password = $2, updated_at = now()
           where user_id = $1 and provider_id = 'credential' and ($3::text is null or password = $3)`,
          [scope.userId, hash, was ?? null],
        );
        if (!rowCount) return false;
        for (const table of ['user_sessions', 'cli_sessions']) {
          await client.query(`delete from ${table} where user_id = $1 and id is distinct from $2`, [
            scope.userId,
            keep ?? null,
          ]);
        }
        await client.query('delete from cli_logins where user_id = $1', [scope.userId]);
        return true;
      });
    },
  };
}

function sessionQueries(pool: Pool) {
  return {
    /** Browsers and CLIs where the person is signed in, newest first. */
    async sessions(scope: UserScope, now: Date): Promise<SessionRow[]> {
      const { rows } = await pool.query<SessionRow>(
        `select id, 'browser' as kind, coalesce(user_agent, '') as client, nullif(ip_address, '') as address,
                created_at as "createdAt", updated_at as "lastUsedAt", expires_at as "expiresAt"
         from user_sessions where user_id = $1 and expires_at > $2
         union all
         select id, 'cli', client, address, created_at, last_used_at, expires_at
         from cli_sessions where user_id = $1 and expires_at > $2
         order by "createdAt" desc, id desc limit 500`,
        [scope.userId, now],
      );
      return rows;
    },

    async endSession(scope: UserScope, sessionId: string): Promise<boolean> {
      const values = [scope.userId, sessionId];
      const browser = await pool.query('delete from user_sessions where user_id = $1 and id = $2', values);
      const cli = await pool.query('delete from cli_sessions where user_id = $1 and id = $2', values);
      return Boolean(browser.rowCount || cli.rowCount);
    },

    async touchSession(
      scope: UserScope,
      { sessionId, now }: { sessionId: string; now: Date },
    ): Promise<void> {
      await pool.query('update user_sessions set updated_at = $3 where user_id = $1 and id = $2', [
        scope.userId,
        sessionId,
        now,
      ]);
    },

    async deleteExpired(_scope: SystemScope, now: Date): Promise<void> {
      for (const table of ['user_sessions', 'cli_sessions', 'cli_logins', 'user_verifications'])
        await pool.query(`delete from ${table} where expires_at < $1`, [now]);
    },
  };
}

function locked<T>(pool: Pool, run: (client: PoolClient) => Promise<T>): Promise<T> {
  return transaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [SETUP_LOCK]);
    return run(client);
  });
}

async function transaction<T>(pool: Pool, run: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await run(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((second: Error) => {
      broken = second;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
