import { arch, availableParallelism, cpus, hostname, platform, release, totalmem } from 'node:os';
import type { Capabilities } from '@otherthing/protocol/agent';
import { type Clock, type Logger, MINUTE, SECOND } from '@otherthing/runtime';
import { summarizeDrives } from './drives.ts';
import { nvidiaGpus } from './nvidia.ts';

/** The measured part of `capabilities`. */
export type HardwareFacts = Pick<
  Capabilities,
  'hostname' | 'os' | 'os_version' | 'arch' | 'gpus' | 'cpu' | 'memory' | 'storage'
>;

/** Swapped for fixed facts by tests and benches. */
export type Hardware = {
  current(): HardwareFacts;
  /** Measures now and every ten minutes; calls back when something changed. */
  start(onChange: () => void): void;
  stop(): void;
};

const PART_TIMEOUT_MS = 15 * SECOND;
const REFRESH_MS = 10 * MINUTE;
const MB = 1024 * 1024;

/** What the operating system says at once. */
function quickFacts(): HardwareFacts {
  return {
    hostname: hostname().slice(0, 255),
    os: platform(),
    os_version: release().slice(0, 256),
    arch: arch(),
    gpus: [],
    cpu: { model: (cpus()[0]?.model ?? 'unknown').trim().slice(0, 256), cores: availableParallelism() },
    memory: { total_mb: Math.max(1, Math.floor(totalmem() / MB)) },
    storage: { total_gb: 0 },
  };
}

/** The part, or undefined when it fails or takes too long. */
async function limited<T>(
  work: () => Promise<T>,
  onFailure: (error: unknown) => void,
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PART_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    onFailure(error);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

async function measure(before: HardwareFacts, deps: Deps): Promise<HardwareFacts> {
  const failed = (error: unknown) =>
    deps.logger.warn({ err: error }, 'a part of the hardware cannot be read');
  // Loaded late: it costs tens of milliseconds that a start need not wait for.
  const information = (await import('systeminformation')).default;
  const [os, drives, gpus] = await Promise.all([
    limited(() => information.osInfo(), failed),
    limited(() => information.fsSize(), failed),
    limited(() => nvidiaGpus(deps.environment), failed),
  ]);
  const version = os ? `${os.distro} ${os.release}`.trim() : before.os_version;
  return {
    ...quickFacts(),
    os_version: version.slice(0, 256),
    gpus: gpus ?? before.gpus,
    storage: drives ? summarizeDrives(drives) : before.storage,
  };
}

type Deps = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly environment: NodeJS.ProcessEnv;
};

/** Free space moves all the time; only steps worth telling count as a change. */
const comparable = (facts: HardwareFacts): string =>
  JSON.stringify({
    ...facts,
    storage: { ...facts.storage, free_gb: Math.round(facts.storage.free_gb ?? 0) },
  });

export function createHardware(deps: Deps): Hardware {
  let facts = quickFacts();
  let stopTimer: (() => void) | undefined;
  let stopped = false;
  const refresh = async (onChange: () => void): Promise<void> => {
    const next = await measure(facts, deps);
    const changed = comparable(next) !== comparable(facts);
    facts = next;
    if (changed && !stopped) onChange();
  };
  return {
    current: () => facts,
    start(onChange) {
      const run = () =>
        void refresh(onChange).catch((error: unknown) =>
          deps.logger.warn({ err: error }, 'the hardware cannot be read'),
        );
      run();
      stopTimer = deps.clock.every(REFRESH_MS, run);
    },
    stop() {
      stopped = true;
      stopTimer?.();
    },
  };
}
