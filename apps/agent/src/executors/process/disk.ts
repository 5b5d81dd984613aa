import { chown, lstat, mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptFolders, ExecutionLimits } from '../executor.ts';
import { runTool } from '../host/tools.ts';

/**
 * `image`: one file system of its own for all a job writes, which bounds bytes and inodes. `watched`: plain folders that
 * are counted twice a second; a job can overshoot between two looks.
 */
export type DiskKind = 'image' | 'watched';

const MB = 1024 * 1024;
const INODE_BYTES = 256;
/** ext4 keeps some inodes and blocks for itself. */
const OWN_INODES = 16;
const OWN_BYTES = 2 * MB;
const IMAGE_FOLDERS = ['output', 'work', 'tmp', 'shm'];

export const imagePath = (folders: AttemptFolders): string => join(folders.root, 'disk.img');
export const fifoPaths = (folders: AttemptFolders) => ({
  stdout: join(folders.root, 'stdout.fifo'),
  stderr: join(folders.root, 'stderr.fifo'),
});

/** Folders beside those of the runner, where there is no image. */
export const watchedFolders = (folders: AttemptFolders) => ({
  output: folders.output,
  work: folders.work,
  tmp: join(folders.root, 'tmp'),
  shm: join(folders.root, 'shm'),
});

/** Bytes of an image in which `diskBytes` of data and `diskInodes` inodes fit. */
function imageBytes({ diskBytes, diskInodes }: ExecutionLimits): number {
  const bytes = diskBytes * 1.02 + (diskInodes + OWN_INODES) * INODE_BYTES + OWN_BYTES;
  return Math.ceil(bytes / MB) * MB;
}

/** Makes the pipes of an attempt, and the file that becomes its disk. */
export async function prepareDisk(
  folders: AttemptFolders,
  limits: ExecutionLimits,
  kind: DiskKind,
): Promise<void> {
  const fifos = fifoPaths(folders);
  const [{ code, stderr }] = await Promise.all([
    runTool(['mkfifo', '-m', '622', fifos.stdout, fifos.stderr]),
    kind === 'image' ? makeEmpty(imagePath(folders), imageBytes(limits)) : undefined,
  ]);
  if (code !== 0) throw new Error(`the pipes of the job could not be made: ${stderr}`);
}

async function makeEmpty(path: string, bytes: number): Promise<void> {
  await writeFile(path, '', { mode: 0o600, flag: 'wx' });
  await truncate(path, bytes);
}

/** What makes a file system in that file, with the folders of `template`. */
export const imageCommand = (path: string, limits: ExecutionLimits, template: string): string[] => [
  ...['mkfs.ext4', '-q', '-F', '-m', '0', '-O', '^has_journal,^resize_inode', '-I', String(INODE_BYTES)],
  ...['-N', String(limits.diskInodes + OWN_INODES), '-E', 'lazy_itable_init=1,nodiscard,root_owner=0:0'],
  ...['-d', template, path],
];

/** The folders that each image begins with, owned by the job's user: cheaper than making them after mounting. */
export async function imageTemplate(parent: string, uid: number): Promise<string> {
  const template = join(parent, `template-${uid}`);
  for (const name of IMAGE_FOLDERS) {
    const path = join(template, name);
    await mkdir(path, { recursive: true, mode: 0o755 });
    await chown(path, uid, uid);
  }
  return template;
}

/** Gives the plain folders to the user the job runs as. */
export async function openWatchedFolders(folders: AttemptFolders, uid: number | undefined): Promise<void> {
  for (const path of Object.values(watchedFolders(folders))) {
    await mkdir(path, { recursive: true, mode: 0o755 });
    if (uid !== undefined) await chown(path, uid, uid);
  }
}

/** Removes all but what the runner made and collects. */
export async function removeDisk(folders: AttemptFolders): Promise<void> {
  const { tmp, shm } = watchedFolders(folders);
  const own = [imagePath(folders), ...Object.values(fifoPaths(folders)), tmp, shm];
  await Promise.all(own.map((path) => rm(path, { recursive: true, force: true })));
}

export type DiskUse = { readonly bytes: number; readonly inodes: number };

/** What lies in the folders, up to the first limit that is passed: counting must not itself become the load. */
export async function measureFolders(folders: readonly string[], limit: DiskUse): Promise<DiskUse> {
  let bytes = 0;
  let inodes = 0;
  const pending = [...folders];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      const found = await lstat(path).catch(() => undefined);
      if (!found) continue;
      inodes += 1;
      bytes += found.blocks * 512;
      if (bytes > limit.bytes || inodes > limit.inodes) return { bytes, inodes };
      if (found.isDirectory()) pending.push(path);
    }
  }
  return { bytes, inodes };
}
