import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@otherthing/protocol/errors';
import { z } from 'zod';
import { readTextIfThere } from '../disk/index.ts';

const LockFile = z.object({ pid: z.number().int(), start: z.string() });
type Owner = z.infer<typeof LockFile>;

export type StateLock = { release(): Promise<void> };

/** Tells a process from a later one with the same id, also across reboots. Empty where the system does not say. */
async function startOf(pid: number): Promise<string> {
  if (process.platform !== 'linux') return '';
  try {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command may have spaces and brackets; what follows the last bracket is regular.
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return '';
  }
}

async function isAlive(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return (await startOf(owner.pid)) === owner.start;
}

function readOwner(text: string): Owner | undefined {
  try {
    return LockFile.parse(JSON.parse(text));
  } catch {
    // Written completely before it was linked in place: anything else is the rest of a full disk.
    return undefined;
  }
}

/** Takes the state folder for this process, or says which agent has it. The lock of a dead process is taken over. */
export async function lockStateDir(stateDir: string): Promise<StateLock> {
  const path = join(stateDir, 'lock');
  const mine = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(mine, JSON.stringify({ pid: process.pid, start: await startOf(process.pid) }), {
    mode: 0o600,
  });
  try {
    for (let tries = 0; tries < 5; tries += 1) {
      if (await tryLink(mine, path)) return { release: () => rm(path, { force: true }) };
      const text = await readTextIfThere(path);
      if (text === undefined) continue;
      const owner = readOwner(text);
      if (owner && (await isAlive(owner))) throw inUse(stateDir, owner.pid);
      await moveAway(path, text);
    }
    throw inUse(stateDir, undefined);
  } finally {
    await rm(mine, { force: true });
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a stale lock; puts it back when another process replaced it in between. */
async function moveAway(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}.stale`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== stale) await tryLink(aside, path);
  await rm(aside, { force: true });
}

function inUse(stateDir: string, pid: number | undefined): AppError {
  const who = pid === undefined ? 'Another agent' : `Another agent (process ${pid})`;
  return new AppError('conflict', {
    message: `${who} uses the state folder ${stateDir}.`,
    hint: 'Use `otherthing-agent status` to look at it, or another --state-dir for a second node.',
  });
}
