import type { ExecutorCapability } from '@otherthing/protocol/agent';
import { type Logger, SECOND } from '@otherthing/runtime';
import type { Executor, ExecutorProbe } from './executors/executor.ts';

const PROBE_MS = 30 * SECOND;
const MAX_TEXT = 1000;

const cut = (text: string): string => text.slice(0, MAX_TEXT);

async function probeOne(executor: Executor, logger: Logger): Promise<ExecutorCapability> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ExecutorProbe>((resolve) => {
    timer = setTimeout(
      () => resolve({ available: false, reason: 'Trying it out took too long.', hint: 'Restart the agent.' }),
      PROBE_MS,
    );
  });
  const broken = (error: unknown): ExecutorProbe => {
    logger.error({ err: error, kind: executor.kind }, 'an executor could not be tried out');
    return { available: false, reason: 'Trying it out failed.', hint: 'Look at the log of the agent.' };
  };
  const probe = await Promise.race([executor.probe().catch(broken), late]);
  clearTimeout(timer);
  return probe.available
    ? {
        kind: executor.kind,
        available: true,
        isolation: probe.isolation,
        notes: probe.notes.slice(0, 20).map(cut),
      }
    : { kind: executor.kind, available: false, reason: cut(probe.reason), hint: cut(probe.hint), notes: [] };
}

/** Tries every executor once; one that fails or hangs is one that this node does not offer. */
export function probeExecutors(
  executors: readonly Executor[],
  logger: Logger,
): Promise<ExecutorCapability[]> {
  return Promise.all(executors.map((executor) => probeOne(executor, logger)));
}
