/** What every process of the product needs and no domain owns: logger, settings, time, backoff, secrets, shutdown. */
export { backoffMs } from './backoff.ts';
export {
  type Clock,
  DAY,
  HOUR,
  type ManualClock,
  MINUTE,
  manualClock,
  SECOND,
  systemClock,
} from './clock.ts';
export { ConfigError, Flag, loadConfig } from './config.ts';
export { createLogger, type Logger, type LogLevel, silentLogger } from './logger.ts';
export { Secret } from './secret.ts';
export { createShutdown, type Shutdown } from './shutdown.ts';
