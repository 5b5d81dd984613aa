import { AppError } from '@otherthing/protocol/errors';
import { newId } from '@otherthing/protocol/ids';
import { type Clock, DAY, type Logger, MINUTE, SECOND } from '@otherthing/runtime';
import { checksum, hashToken, type Keyring, randomText, shareKey } from '../platform/crypto/index.ts';
import { createRateLimiter } from '../platform/http/index.ts';
import { type UserScope, userScope } from '../platform/scope.ts';
import { type Identity, TOUCH_EVERY_MS } from './accounts.ts';
import type { CliLoginStore, LoginView } from './cli-login.store.ts';
import { addressKey, type Visitor } from './visitor.ts';

const LOGIN_LIVES_MS = 10 * MINUTE;
/** A CLI session ends when it was not used for so long. */
const SESSION_LIVES_MS = 90 * DAY;
const POLL_EVERY_MS = 2 * SECOND;
/** Logins that wait at once, of everybody. */
const MOST_WAITING = 1000;
const BEGINS_PER_ADDRESS = { limit: 10, perMs: 5 * MINUTE };
const POLLS_PER_ADDRESS = { limit: 600, perMs: 5 * MINUTE };
/** Codes a signed-in person may look up or answer: they have 39 bits. */
const CODES_PER_USER = { limit: 20, perMs: 5 * MINUTE };

export type BegunLogin = {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly url: string;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
};
export type Poll =
  | { readonly status: 'pending' | 'refused' }
  | { readonly status: 'confirmed'; readonly token: string; readonly userId: string };

export type CliLogin = ReturnType<typeof createCliLogin>;
export type CliLoginDeps = {
  readonly store: CliLoginStore;
  readonly keyring: Pick<Keyring, 'sign'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly publicUrl: () => string;
};

/**
 * Signing a CLI in without a browser beside it: it shows a short code, a person signed in to the dashboard sees who
 * asks and confirms, and the CLI, which alone has the long code, gets a session (`ots_...`).
 */
export function createCliLogin(deps: CliLoginDeps) {
  return { ...deviceSide(deps), ...personSide(deps), ...sessionSide(deps) };
}

/** Short codes are stored under a key that is not in the database. */
const codeHash = (keyring: Pick<Keyring, 'sign'>, userCode: string) =>
  Buffer.from(keyring.sign(userCode, 'cli user code'), 'base64url');

const noSuchLogin = () =>
  new AppError('not_found', {
    message: 'No CLI waits behind this code.',
    hint: 'Codes live for 10 minutes and work once. Run `otherthing login` again.',
  });

function deviceSide({ store, keyring, clock, publicUrl }: CliLoginDeps) {
  const begins = createRateLimiter({ ...BEGINS_PER_ADDRESS, clock });
  const polls = createRateLimiter({ ...POLLS_PER_ADDRESS, clock });
  return {
    /** `scope.client` is what the person who confirms is shown. Throws `rate_limited`, `overloaded`. */
    async beginCliLogin(scope: Visitor): Promise<BegunLogin> {
      begins.take(addressKey(scope.address));
      const deviceCode = randomText(40);
      const userCode = shareKey();
      const now = clock.now();
      const login = {
        deviceHash: hashToken(deviceCode),
        userCodeHash: codeHash(keyring, userCode),
        createdAt: new Date(now),
        expiresAt: new Date(now + LOGIN_LIVES_MS),
      };
      if (!(await store.begin(scope, { login, most: MOST_WAITING }))) {
        throw new AppError('overloaded', {
          message: `${MOST_WAITING} CLI logins wait already.`,
          retryAfterSeconds: 60,
        });
      }
      const shown = `${userCode.slice(0, 4)}-${userCode.slice(4)}`;
      return {
        deviceCode,
        userCode: shown,
        url: `${publicUrl()}/cli?code=${shown}`,
        expiresInSeconds: LOGIN_LIVES_MS / SECOND,
        intervalSeconds: POLL_EVERY_MS / SECOND,
      };
    },

    /** Throws `not_found` for an unknown, expired or used code, `rate_limited` when asked too often. */
    async pollCliLogin(scope: Visitor, deviceCode: string): Promise<Poll> {
      polls.take(addressKey(scope.address));
      const now = clock.now();
      const deviceHash = hashToken(deviceCode);
      const login = await store.poll(scope, { deviceHash, now: new Date(now) });
      if (!login) throw noSuchLogin();
      if (login.polledAt && now - login.polledAt.getTime() < POLL_EVERY_MS / 2)
        throw new AppError('rate_limited', { retryAfterSeconds: POLL_EVERY_MS / SECOND });
      if (login.state === 'pending') return { status: 'pending' };
      if (login.state === 'refused') {
        await store.forget(scope, deviceHash);
        return { status: 'refused' };
      }
      const body = `ots_${randomText(40)}`;
      const token = `${body}_${checksum(body)}`;
      const session = {
        id: newId('sess'),
        tokenHash: hashToken(token),
        createdAt: new Date(now),
        expiresAt: new Date(now + SESSION_LIVES_MS),
      };
      const userId = await store.redeem(scope, { deviceHash, session });
      if (!userId) throw noSuchLogin();
      return { status: 'confirmed', token, userId };
    },
  };
}

function personSide({ store, keyring, clock }: CliLoginDeps) {
  const codes = createRateLimiter({ ...CODES_PER_USER, clock });
  return {
    /** Who waits behind a code. Throws `not_found`, `rate_limited`. */
    async waitingCliLogin(scope: UserScope, userCode: string): Promise<LoginView> {
      codes.take(scope.userId);
      const userCodeHash = codeHash(keyring, userCode);
      const login = await store.waiting(scope, { userCodeHash, now: new Date(clock.now()) });
      if (!login) throw noSuchLogin();
      return login;
    },

    async answerCliLogin(scope: UserScope, answer: { userCode: string; confirm: boolean }): Promise<void> {
      codes.take(scope.userId);
      const done = await store.answer(scope, {
        userCodeHash: codeHash(keyring, answer.userCode),
        confirm: answer.confirm,
        now: new Date(clock.now()),
      });
      if (!done) throw noSuchLogin();
    },
  };
}

function sessionSide({ store, clock, logger }: CliLoginDeps) {
  return {
    /** Whose `ots_` token this is; null when it is unknown, expired or revoked. Each use pushes its end out. */
    async identifyCli(scope: Visitor, token: string): Promise<Identity | null> {
      const now = clock.now();
      const row = await store.cliSession(scope, { tokenHash: hashToken(token), now: new Date(now) });
      if (!row) return null;
      let expiresAt = row.expiresAt;
      if (!row.lastUsedAt || now - row.lastUsedAt.getTime() > TOUCH_EVERY_MS) {
        expiresAt = new Date(now + SESSION_LIVES_MS);
        const use = { sessionId: row.id, now: new Date(now), expiresAt };
        await store.touchCliSession(userScope(row.userId), use).catch((error: unknown) => {
          logger.warn({ err: error }, 'the time of last use was not written');
        });
      }
      const { userId, name, email } = row;
      return { userId, name, email, sessionId: row.id, expiresAt: expiresAt.getTime() };
    },
  };
}
