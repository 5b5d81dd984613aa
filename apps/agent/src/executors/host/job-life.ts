import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionEnd } from '../executor.ts';
import { signal } from './process-tree.ts';

/** The processes of one job. */
export type Body = {
  /** All that SIGTERM should reach. */
  members(): Promise<readonly number[]>;
  /** SIGKILL to all of them; settles when none is alive. */
  kill(): Promise<void>;
};

export type StopReason = Exclude<ExecutionEnd, 'exited' | 'failed_to_start'>;

/** Looks at a running job; a reason ends it. */
export type Watch = () => Promise<StopReason | undefined>;

const GRACE_MS = 1000;
const WATCH_MS = 250;
/** Longer than this no Node timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Ends a job for the first reason there is: a person, its time, a limit. */
export class JobLife {
  readonly #body: Body;
  readonly #onError: (error: unknown) => void;
  readonly #timeout: NodeJS.Timeout;
  #reason: StopReason | undefined;
  #over = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(body: Body, runTimeoutMs: number, onError: (error: unknown) => void) {
    this.#body = body;
    this.#onError = onError;
    this.#timeout = setTimeout(() => this.stop('run_timeout'), Math.min(runTimeoutMs, MAX_TIMER_MS));
  }

  get reason(): StopReason | undefined {
    return this.#reason;
  }

  /** Calls `watch` some times a second, never twice at once. */
  watch(watch: Watch): void {
    const look = async (): Promise<void> => {
      const reason = await watch();
      if (reason !== undefined) this.stop(reason);
      else this.#schedule(look);
    };
    this.#schedule(look);
  }

  /** A person and the clock give a second for a clean end; a passed limit gives none. */
  stop(reason: StopReason): void {
    if (this.#over || this.#reason !== undefined) return;
    this.#reason = reason;
    const gentle = reason === 'cancelled' || reason === 'run_timeout';
    this.#end(gentle).catch(this.#onError);
  }

  /** The job ended: nothing may be signalled any more, its numbers may soon be another's. */
  finish(): void {
    this.#over = true;
    clearTimeout(this.#timeout);
    clearTimeout(this.#watch);
  }

  #schedule(look: () => Promise<void>): void {
    if (this.#over || this.#reason !== undefined) return;
    this.#watch = setTimeout(() => look().catch(this.#onError), WATCH_MS);
  }

  async #end(gentle: boolean): Promise<void> {
    if (gentle) {
      const told = new Set<number>();
      // Again and again, for those that were only just being started.
      for (const until = Date.now() + GRACE_MS; Date.now() < until && !this.#over; await sleep(50))
        for (const pid of await this.#body.members()) {
          if (!this.#over && !told.has(pid)) signal(pid, 'SIGTERM');
          told.add(pid);
        }
    }
    if (!this.#over) await this.#body.kill();
  }
}
