import { AppError } from '@otherthing/protocol/errors';
import { newId } from '@otherthing/protocol/ids';
import { type Clock, type Logger, MINUTE } from '@otherthing/runtime';
import { isAPIError } from 'better-auth/api';
import { hashPassword } from 'better-auth/crypto';
import type { Bus } from '../platform/bus/index.ts';
import { hashToken, randomText } from '../platform/crypto/index.ts';
import { createRateLimiter } from '../platform/http/index.ts';
import { type SystemScope, type UserScope, userScope } from '../platform/scope.ts';
import type { AccountsStore, SessionRow, UserRow } from './accounts.store.ts';
import { createPasswords } from './passwords.ts';
import { ADDRESS_HEADER, type People } from './people.ts';
import { addressKey, type Visitor } from './visitor.ts';

/** Tries of passwords: from one address, and for one account wherever they come from. */
const TRIES_PER_ADDRESS = { limit: 20, perMs: 5 * MINUTE };
const TRIES_PER_ACCOUNT = { limit: 10, perMs: 5 * MINUTE };
/** Tries of setup links from one address. */
const SETUPS_PER_ADDRESS = { limit: 10, perMs: 5 * MINUTE };
/** "Last used" is written at most this often. */
export const TOUCH_EVERY_MS = MINUTE;

/** Who a browser cookie or CLI token belongs to, until when at most. */
export type Identity = {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly sessionId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
};
/** A person and the `Set-Cookie` lines that sign them in. */
export type SignedIn = { readonly user: UserRow; readonly cookies: readonly string[] };

export type PeopleService = ReturnType<typeof createPeopleService>;
export type PeopleServiceDeps = {
  readonly store: AccountsStore;
  readonly people: People;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly publicUrl: () => string;
};

/** Setup, sign-in, passwords and sessions of people. */
export function createPeopleService(deps: PeopleServiceDeps) {
  const limits = {
    address: createRateLimiter({ ...TRIES_PER_ADDRESS, clock: deps.clock }),
    account: createRateLimiter({ ...TRIES_PER_ACCOUNT, clock: deps.clock }),
    setup: createRateLimiter({ ...SETUPS_PER_ADDRESS, clock: deps.clock }),
  };
  const listeners = new Set<(userId: string) => void>();
  const changed = (userId: string) => {
    for (const listener of listeners) listener(userId);
    deps.bus.publish('access.changed', { userIds: [userId] });
  };
  const parts = { ...deps, limits, changed };
  const passwords = createPasswords({ ...deps, tries: limits.account, changed });
  return {
    /** Calls at once, before the change is answered, when sessions of a person ended by this process. */
    onSessionsEnded(listener: (userId: string) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...setupService(parts),
    ...signInService(parts),
    ...sessionService(parts),
    ...passwords,
  };
}

type Limits = Record<'address' | 'account' | 'setup', ReturnType<typeof createRateLimiter>>;
type Parts = PeopleServiceDeps & { readonly limits: Limits; readonly changed: (userId: string) => void };

/** What better-auth may see of a request: the cookies, the client, and the address as we know it. */
function authHeaders(scope: Visitor, cookie = ''): Headers {
  const headers = new Headers({ 'user-agent': scope.client, [ADDRESS_HEADER]: scope.address });
  if (cookie) headers.set('cookie', cookie);
  return headers;
}

/** better-auth hides why a session could not be read; nothing but the database can fail there. */
function databaseAway(error: unknown): never {
  if (isAPIError(error) && error.statusCode >= 500)
    throw new AppError('unavailable', { cause: error, retryAfterSeconds: 2 });
  throw error;
}

async function openSession(
  { people }: Parts,
  scope: Visitor,
  body: { email: string; password: string },
): Promise<SignedIn> {
  const { headers, response } = await people.api.signInEmail({
    body,
    headers: authHeaders(scope),
    returnHeaders: true,
  });
  const { id, name, email } = response.user;
  return { user: { id, name, email }, cookies: headers.getSetCookie() };
}

function setupService(parts: Parts) {
  const { store, limits, publicUrl, logger } = parts;
  return {
    /**
     * A fresh link for the first user, or null when there is one. It replaces every earlier link. The token is in the
     * fragment, so that it reaches neither logs nor other sites.
     */
    async setupLink(scope: SystemScope): Promise<string | null> {
      const token = randomText(40);
      const made = await store.replaceSetupLink(scope, hashToken(token));
      return made ? `${publicUrl()}/setup#${token}` : null;
    },

    async setupNeeded(scope: Visitor): Promise<boolean> {
      return !(await store.hasUsers(scope));
    },

    /** Makes the first user and signs them in. Throws `setup_done`, `setup_link_invalid`, `rate_limited`. */
    async setup(
      scope: Visitor,
      input: { token: string; email: string; name: string; password: string },
    ): Promise<SignedIn> {
      limits.setup.take(addressKey(scope.address));
      const tokenHash = hashToken(input.token);
      if (await store.hasUsers(scope)) throw new AppError('setup_done');
      if (!(await store.setupLinkExists(scope, tokenHash))) throw new AppError('setup_link_invalid');
      const user = {
        id: newId('user'),
        accountId: newId('sess'),
        name: input.name,
        email: input.email,
        passwordHash: await hashPassword(input.password),
      };
      const outcome = await store.useSetupLink(scope, { tokenHash, user });
      if (outcome !== 'made') throw new AppError(outcome);
      logger.info({ userId: user.id }, 'the first user was made');
      return openSession(parts, scope, input);
    },
  };
}

function signInService(parts: Parts) {
  const { store, people, limits, changed, clock, logger } = parts;
  return {
    /** Throws `invalid_credentials`, the same for an unknown e-mail and a wrong password, and `rate_limited`. */
    async signIn(scope: Visitor, input: { email: string; password: string }): Promise<SignedIn> {
      limits.address.take(addressKey(scope.address));
      limits.account.take(input.email);
      try {
        const signedIn = await openSession(parts, scope, input);
        limits.account.reset(input.email);
        return signedIn;
      } catch (error) {
        if (isAPIError(error) && error.statusCode >= 400 && error.statusCode < 500)
          throw new AppError('invalid_credentials');
        throw error;
      }
    },

    /** Ends a session and returns the `Set-Cookie` lines that make a browser forget it. */
    async signOut(
      scope: UserScope,
      options: { sessionId: string; visitor: Visitor },
    ): Promise<readonly string[]> {
      await store.endSession(scope, options.sessionId);
      changed(scope.userId);
      const { headers } = await people.api.signOut({
        headers: authHeaders(options.visitor),
        returnHeaders: true,
      });
      return headers.getSetCookie();
    },

    /** Whose cookie this is; null when it is forged, expired or revoked. */
    async identifyBrowser(scope: Visitor, cookie: string): Promise<Identity | null> {
      const found = await people.api
        .getSession({ headers: authHeaders(scope, cookie), query: { disableRefresh: true } })
        .catch(databaseAway);
      if (!found) return null;
      const { session, user } = found;
      const now = new Date(clock.now());
      if (now.getTime() - session.updatedAt.getTime() > TOUCH_EVERY_MS) {
        await store
          .touchSession(userScope(user.id), { sessionId: session.id, now })
          .catch((error: unknown) => {
            logger.warn({ err: error }, 'the time of last use was not written');
          });
      }
      return {
        userId: user.id,
        name: user.name,
        email: user.email,
        sessionId: session.id,
        expiresAt: session.expiresAt.getTime(),
      };
    },

    /** Pushes the end of a browser session out; the `Set-Cookie` lines to pass on, often none. */
    async refreshBrowser(scope: Visitor, cookie: string): Promise<readonly string[]> {
      const { headers } = await people.api
        .getSession({ headers: authHeaders(scope, cookie), returnHeaders: true })
        .catch(databaseAway);
      return headers.getSetCookie();
    },
  };
}

function sessionService({ store, changed, clock }: Parts) {
  return {
    /** Names and addresses of people by id; unknown ids are left out. */
    users: (scope: SystemScope | UserScope, ids: readonly string[]): Promise<readonly UserRow[]> =>
      store.users(scope, ids),

    async user(scope: UserScope): Promise<UserRow> {
      const [user] = await store.users(scope, [scope.userId]);
      if (!user) throw new AppError('unauthorized');
      return user;
    },

    sessions: (scope: UserScope): Promise<readonly SessionRow[]> =>
      store.sessions(scope, new Date(clock.now())),

    /** Throws `not_found` for a session that is not one of the person's. */
    async endSession(scope: UserScope, sessionId: string): Promise<void> {
      if (!(await store.endSession(scope, sessionId))) {
        throw new AppError('not_found', {
          message: 'You have no such session.',
          hint: 'It may have ended already. Load the list again.',
        });
      }
      changed(scope.userId);
    },

    /** Deletes what has expired; called now and then by the composition root. */
    sweep: (scope: SystemScope): Promise<void> => store.deleteExpired(scope, new Date(clock.now())),
  };
}
