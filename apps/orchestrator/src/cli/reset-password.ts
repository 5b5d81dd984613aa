import { AppError } from '@otherthing/protocol/errors';
import { Email, Password } from '@otherthing/protocol/http';
import { randomText } from '../platform/crypto/index.ts';

export const RESET_PASSWORD_USAGE = `Usage: otherthing-server reset-password EMAIL [--stdin]

Gives a person a new password and ends all their sessions. Asks for the password on a terminal;
an empty answer, or no terminal, makes one and prints it. --stdin reads it from standard input.`;

export type ResetPasswordOptions = {
  /** What follows `reset-password` on the command line. A password is never taken from there. */
  readonly args: readonly string[];
  /** The new password: from standard input, from a terminal without echo; null where there is neither. */
  readonly readPassword: (from: 'stdin' | 'terminal') => Promise<string | null>;
  readonly print: (line: string) => void;
  readonly reset: (input: { email: string; password: string }) => Promise<{ name: string; email: string }>;
};

/** The command; returns the exit code. Throws `AppError` for what the person can mend. */
export async function resetPassword(options: ResetPasswordOptions): Promise<number> {
  const { args, print } = options;
  const emails = args.filter((arg) => arg !== '--stdin');
  const [given] = emails;
  if (emails.length !== 1 || given === undefined || given.startsWith('-')) {
    print(RESET_PASSWORD_USAGE);
    return given === '--help' || given === '-h' ? 0 : 2;
  }
  const email = Email.safeParse(given);
  if (!email.success) {
    throw new AppError('bad_request', {
      message: `${given} is not an e-mail address.`,
      hint: 'Check the spelling.',
    });
  }
  const typed = await options.readPassword(args.includes('--stdin') ? 'stdin' : 'terminal');
  const password = typed || randomText(20);
  const checked = Password.safeParse(password);
  if (!checked.success) {
    throw new AppError('bad_request', {
      message: `The password ${checked.error.issues[0]?.message ?? 'is not usable'}.`,
      hint: 'Use 10 to 256 characters.',
    });
  }
  const user = await options.reset({ email: email.data, password });
  print(`${user.name} (${user.email}) has a new password; all their sessions have ended.`);
  if (!typed) print(`The new password: ${password}`);
  return 0;
}
