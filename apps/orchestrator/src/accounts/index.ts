import type { Clock, Logger } from '@otherthing/runtime';
import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import type { Bus } from '../platform/bus/index.ts';
import type { Keyring } from '../platform/crypto/index.ts';
import { createAccountsStore } from './accounts.store.ts';
import { createPeopleService, type PeopleService } from './accounts.ts';
import { createCliLoginStore } from './cli-login.store.ts';
import { type CliLogin, createCliLogin } from './cli-login.ts';
import { createPeople } from './people.ts';

/**
 * Accounts: people and where they are signed in. The first user is made by the setup link, everybody signs in with
 * e-mail and password (browser) or by having a code confirmed (CLI). better-auth is an inner matter of this folder.
 * Every method takes its scope first; a person who is not signed in is a `Visitor`.
 */
export type Accounts = PeopleService & CliLogin;

export type AccountsDeps = {
  readonly pool: Pool;
  readonly kysely: Kysely<never>;
  readonly keyring: Pick<Keyring, 'sign'>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where people reach the dashboard, without a slash at the end; asked when a link is made. */
  readonly publicUrl: () => string;
  /** The public address is https. */
  readonly secureCookies: boolean;
};

export function createAccounts(deps: AccountsDeps): Accounts {
  const { pool, kysely, keyring, bus, clock, publicUrl, secureCookies } = deps;
  const logger = deps.logger.child({ module: 'accounts' });
  const secret = keyring.sign('session cookies', 'accounts');
  const people = createPeople({ kysely, secret, secureCookies, logger });
  const cliLogin = createCliLogin({ store: createCliLoginStore(pool), keyring, clock, logger, publicUrl });
  const service = createPeopleService({
    store: createAccountsStore(pool),
    people,
    bus,
    clock,
    logger,
    publicUrl,
  });
  return { ...service, ...cliLogin };
}

export { registerAccounts } from './accounts.routes.ts';
export type { Identity, SignedIn } from './accounts.ts';
export { registerCliLogin } from './cli-login.routes.ts';
export { type Visitor, visitor } from './visitor.ts';
