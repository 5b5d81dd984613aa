import { type Logger as Pino, pino } from 'pino';

/** Structured logger; every module gets its own by `logger.child({ module })`. Secrets never reach it (see `Secret`). */
export type Logger = Pick<Pino, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child'>;

export type LogLevel = 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** One JSON object per line on `stream` (default: stdout). Fields that name credentials are censored whoever logs them. */
export function createLogger(options: {
  level: LogLevel;
  name: string;
  stream?: NodeJS.WritableStream;
}): Logger {
  return pino(
    {
      level: options.level,
      name: options.name,
      redact: {
        paths: [
          'authorization',
          'cookie',
          'password',
          'token',
          'secret',
          'secrets',
          '*.authorization',
          '*.cookie',
          '*.password',
          '*.token',
          '*.secret',
          '*.secrets',
        ],
        censor: '***',
      },
    },
    options.stream ?? process.stdout,
  );
}

/** For tests and for callers that have no log. */
export const silentLogger: Logger = pino({ level: 'silent' });
