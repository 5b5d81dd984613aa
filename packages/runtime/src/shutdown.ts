import type { Logger } from './logger.ts';

type Step = { readonly name: string; readonly stop: () => Promise<void> | void };

/**
 * Things to stop, in the reverse order of their start. Each gets its share of the deadline; one that hangs or fails is
 * logged and passed over, so that what comes after it is still stopped.
 */
export function createShutdown(options: { logger: Logger; stepMs: number }) {
  const steps: Step[] = [];
  let running: Promise<void> | undefined;
  const runStep = async (step: Step) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), options.stepMs);
    });
    try {
      const ended = await Promise.race([Promise.resolve(step.stop()).then(() => 'done' as const), late]);
      if (ended === 'late')
        options.logger.warn({ step: step.name, afterMs: options.stepMs }, 'did not stop in time');
    } catch (error) {
      options.logger.error({ err: error, step: step.name }, 'failed to stop');
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    add(name: string, stop: () => Promise<void> | void): void {
      steps.push({ name, stop });
    },
    /** Runs once; later calls get the same promise. */
    run(): Promise<void> {
      running ??= (async () => {
        for (const step of steps.toReversed()) await runStep(step);
      })();
      return running;
    },
  };
}
export type Shutdown = ReturnType<typeof createShutdown>;
