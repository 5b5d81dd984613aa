import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Gpu } from '@otherthing/protocol/agent';

const FIELDS = ['index', 'uuid', 'name', 'memory.total', 'driver_version'];
const TIMEOUT_MS = 10_000;

/** `N/A` in brackets, with or without a word before it, is how nvidia-smi says that it does not know. */
const known = (text: string | undefined): string | undefined =>
  text === undefined || text === '' || /^\[.*\]$/.test(text) ? undefined : text;

/**
 * GPUs from the CSV of `nvidia-smi --query-gpu --format=csv,nounits`. Columns are found by the header, since the tool's
 * manual does not promise their order; a row without uuid cannot be limited or pinned and is left out.
 */
export function parseNvidiaSmi(csv: string): Gpu[] {
  const [header, ...rows] = csv
    .split(/\r?\n/)
    .filter((line) => line.includes(','))
    .map((line) => line.split(',').map((cell) => cell.trim()));
  if (!header) return [];
  const column = (name: string) => header.findIndex((cell) => cell.toLowerCase().startsWith(name));
  const at = {
    uuid: column('uuid'),
    name: column('name'),
    memory: column('memory.total'),
    driver: column('driver'),
  };
  return rows.flatMap((row): Gpu[] => {
    const uuid = known(row[at.uuid]);
    if (uuid === undefined) return [];
    const memory = Number.parseInt(known(row[at.memory]) ?? '', 10);
    const driver = known(row[at.driver]);
    return [
      {
        uuid: uuid.slice(0, 128),
        model: (known(row[at.name]) ?? 'NVIDIA GPU').slice(0, 256),
        vram_mb: Number.isFinite(memory) && memory > 0 ? memory : 0,
        ...(driver === undefined ? {} : { driver: driver.slice(0, 128) }),
      },
    ];
  });
}

function commandsFor(environment: NodeJS.ProcessEnv): string[] {
  if (process.platform !== 'win32') return ['nvidia-smi'];
  return ['nvidia-smi', join(environment.SystemRoot ?? 'C:\\Windows', 'System32', 'nvidia-smi.exe')];
}

function query(command: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(
      command,
      [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,nounits'],
      { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', windowsHide: true, maxBuffer: 1024 * 1024 },
      // No such program, a broken driver, a hanging one: all mean that there is no usable GPU.
      (error, stdout) => resolve(error ? undefined : stdout),
    );
  });
}

/** The NVIDIA GPUs of this machine; none when its tool is missing, fails or hangs. */
export async function nvidiaGpus(environment: NodeJS.ProcessEnv): Promise<Gpu[]> {
  for (const command of commandsFor(environment)) {
    const csv = await query(command);
    if (csv !== undefined) return parseNvidiaSmi(csv).slice(0, 64);
  }
  return [];
}
