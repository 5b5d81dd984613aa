import { AppError } from '@otherthing/protocol/errors';
import type { Logger } from '@otherthing/runtime';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import type { RateLimiter } from '../platform/http/index.ts';
import { type SystemScope, type UserScope, userScope } from '../platform/scope.ts';
import type { AccountsStore, UserRow } from './accounts.store.ts';

export type PasswordsDeps = {
  readonly store: AccountsStore;
  /** Tries of the current password, by person. */
  readonly tries: RateLimiter;
  /** Sessions of a person ended. */
  readonly changed: (userId: string) => void;
  readonly logger: Logger;
};

/** Changing a password as the person, and resetting one as who runs the machine. */
export function createPasswords({ store, tries, changed, logger }: PasswordsDeps) {
  return {
    /** Ends every session but `keep`. Throws `invalid_credentials`, `rate_limited`, `conflict`. */
    async changePassword(
      scope: UserScope,
      input: { current: string; next: string; keep: string },
    ): Promise<void> {
      tries.take(scope.userId);
      const was = await store.passwordHash(scope);
      if (was === undefined || !(await verifyPassword({ hash: was, password: input.current })))
        throw new AppError('invalid_credentials', { message: 'The current password is wrong.' });
      const hash = await hashPassword(input.next);
      if (!(await store.setPassword(scope, { hash, was, keep: input.keep }))) throw new AppError('conflict');
      tries.reset(scope.userId);
      changed(scope.userId);
    },

    /** For `otherthing-server reset-password`, on the machine itself. Ends all sessions. Throws `not_found`. */
    async resetPassword(scope: SystemScope, input: { email: string; password: string }): Promise<UserRow> {
      const user = await store.userByEmail(scope, input.email);
      const hash = await hashPassword(input.password);
      if (!user || !(await store.setPassword(userScope(user.id), { hash }))) {
        throw new AppError('not_found', {
          message: `There is no user with the e-mail ${input.email}.`,
          hint: 'Check the spelling.',
        });
      }
      changed(user.id);
      logger.info({ userId: user.id }, 'the password was reset on the machine; all sessions ended');
      return user;
    },
  };
}
