import type { Pool } from 'pg';
import type { UserScope } from '../platform/scope.ts';
import type { Visitor } from './visitor.ts';

export type WaitingLogin = {
  readonly deviceHash: Buffer;
  readonly userCodeHash: Buffer;
  readonly createdAt: Date;
  readonly expiresAt: Date;
};
export type LoginView = {
  readonly client: string;
  readonly address: string | null;
  readonly createdAt: Date;
};
export type PolledLogin = {
  readonly state: 'pending' | 'confirmed' | 'refused';
  /** When it was asked before this time. */
  readonly polledAt: Date | null;
};
export type NewCliSession = {
  readonly id: string;
  readonly tokenHash: Buffer;
  readonly createdAt: Date;
  readonly expiresAt: Date;
};
export type CliSessionRow = {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date;
};

export type CliLoginStore = ReturnType<typeof createCliLoginStore>;

/** SQL for CLI logins that wait, and for the sessions they become. Codes and tokens are stored as sha256. */
export function createCliLoginStore(pool: Pool) {
  return { ...loginQueries(pool), ...cliSessionQueries(pool) };
}

function loginQueries(pool: Pool) {
  return {
    /** False, and nothing stored, when `most` logins wait already. */
    async begin(scope: Visitor, { login, most }: { login: WaitingLogin; most: number }): Promise<boolean> {
      await pool.query('delete from cli_logins where expires_at < $1', [login.createdAt]);
      const { rowCount } = await pool.query(
        `insert into cli_logins (device_hash, user_code_hash, client, address, state, created_at, expires_at)
         select $1, $2, $3, $4, 'pending', $5, $6 where (select count(*) from cli_logins) < $7`,
        [
          login.deviceHash,
          login.userCodeHash,
          scope.client,
          scope.address,
          login.createdAt,
          login.expiresAt,
          most,
        ],
      );
      return rowCount === 1;
    },

    async waiting(_scope: UserScope, { userCodeHash, now }: { userCodeHash: Buffer; now: Date }) {
      const { rows } = await pool.query<LoginView>(
        `select client, address, created_at as "createdAt" from cli_logins
         where user_code_hash = $1 and state = 'pending' and expires_at > $2`,
        [userCodeHash, now],
      );
      return rows[0];
    },

    /** Answers a waiting login once; false when there is none. */
    async answer(
      scope: UserScope,
      { userCodeHash, confirm, now }: { userCodeHash: Buffer; confirm: boolean; now: Date },
    ): Promise<boolean> {
      const { rowCount } = await pool.query(
        `update cli_logins set state = $3, user_id = $4
         where user_code_hash = $1 and state = 'pending' and expires_at > $2`,
        [userCodeHash, now, confirm ? 'confirmed' : 'refused', confirm ? scope.userId : null],
      );
      return rowCount === 1;
    },

    /** The state of a login, noting the time of this question. */
    async poll(_scope: Visitor, { deviceHash, now }: { deviceHash: Buffer; now: Date }) {
      const { rows } = await pool.query<PolledLogin>(
        `update cli_logins set polled_at = $2
         from (select device_hash, polled_at from cli_logins where device_hash = $1 for update) as before
         where cli_logins.device_hash = before.device_hash and expires_at > $2
         returning state, before.polled_at as "polledAt"`,
        [deviceHash, now],
      );
      return rows[0];
    },

    async forget(_scope: Visitor, deviceHash: Buffer): Promise<void> {
      await pool.query('delete from cli_logins where device_hash = $1', [deviceHash]);
    },

    /** Turns a confirmed login into a session; of several polls at once, one gets it. */
    async redeem(
      _scope: Visitor,
      { deviceHash, session }: { deviceHash: Buffer; session: NewCliSession },
    ): Promise<string | undefined> {
      const { rows } = await pool.query<{ user_id: string }>(
        `with used as (
           delete from cli_logins where device_hash = $1 and state = 'confirmed' and expires_at > $4
           returning user_id, client, address)
         insert into cli_sessions (id, token_hash, user_id, client, address, created_at, expires_at)
         select $2, $3, user_id, client, address, $4, $5 from used
         returning user_id`,
        [deviceHash, session.id, session.tokenHash, session.createdAt, session.expiresAt],
      );
      return rows[0]?.user_id;
    },
  };
}

function cliSessionQueries(pool: Pool) {
  return {
    async cliSession(_scope: Visitor, { tokenHash, now }: { tokenHash: Buffer; now: Date }) {
      const { rows } = await pool.query<CliSessionRow>(
        `select s.id, s.user_id as "userId", u.name, u.email, s.last_used_at as "lastUsedAt", s.expires_at as "expiresAt"
         from cli_sessions s join users u on u.id = s.user_id
         where s.token_hash = $1 and s.expires_at > $2`,
        [tokenHash, now],
      );
      return rows[0];
    },

    async touchCliSession(
      scope: UserScope,
      { sessionId, now, expiresAt }: { sessionId: string; now: Date; expiresAt: Date },
    ): Promise<void> {
      await pool.query(
        'update cli_sessions set last_used_at = $3, expires_at = $4 where user_id = $1 and id = $2',
        [scope.userId, sessionId, now, expiresAt],
      );
    },
  };
}
