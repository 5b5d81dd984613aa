import { newId } from '@otherthing/protocol/ids';
import { DAY, HOUR, type Logger, SECOND } from '@otherthing/runtime';
import { type BetterAuthOptions, betterAuth } from 'better-auth';
import type { Kysely } from 'kysely';

/** How long a browser stays signed in without being used, and how often that time is pushed out. */
const BROWSER_SESSION_MS = 30 * DAY;
const REFRESH_EVERY_MS = HOUR;

/** The address of the caller, set by us on every call and never taken from a request (better-auth would trust it). */
export const ADDRESS_HEADER = 'x-otherthing-address';

export type PeopleDeps = {
  readonly kysely: Kysely<never>;
  /** Signs the session cookies: with the database alone no cookie can be made. */
  readonly secret: string;
  /** The public address is https: browsers send the cookie back over https only. */
  readonly secureCookies: boolean;
  readonly logger: Logger;
};

/**
 * Settings of better-auth. It keeps users, passwords and browser sessions in our tables and is only called from this
 * folder; its own HTTP routes are not reachable. The pitfalls measured for it are closed here:
 * no bearer plugin (raw tokens of the table open nothing), no open sign-up, the address in a header of our own,
 * no cookie cache (a revoked session ends at once), no telemetry, secrets not from its environment variables.
 */
export function peopleOptions(deps: PeopleDeps) {
  return {
    appName: 'OtherThing',
    baseURL: 'http://localhost',
    secrets: [{ version: 1, value: deps.secret }],
    database: { db: deps.kysely, type: 'postgres' },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: { log: (level, message) => deps.logger[level === 'error' ? 'error' : 'debug'](message) },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 10,
      maxPasswordLength: 256,
    },
    user: {
      modelName: 'users',
      fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
    session: {
      modelName: 'user_sessions',
      expiresIn: BROWSER_SESSION_MS / SECOND,
      updateAge: REFRESH_EVERY_MS / SECOND,
      cookieCache: { enabled: false },
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    account: {
      modelName: 'user_accounts',
      fields: {
        accountId: 'account_id',
        providerId: 'provider_id',
        userId: 'user_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    verification: {
      modelName: 'user_verifications',
      fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
    advanced: {
      cookiePrefix: 'otherthing',
      // Without the `__Secure-` prefix the name is the same over http and https; `secure` itself is set below.
      useSecureCookies: false,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/', secure: deps.secureCookies },
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER], ipv6Subnet: 128 },
      database: {
        generateId: ({ model }) => newId(model === 'user' ? 'user' : 'sess'),
      },
    },
  } satisfies BetterAuthOptions;
}

export const createPeople = (deps: PeopleDeps) => betterAuth(peopleOptions(deps));
export type People = ReturnType<typeof createPeople>;
