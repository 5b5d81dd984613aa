import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Assignment } from '@otherthing/protocol/agent';
import type { InputFile } from '@otherthing/protocol/job-spec';
import { ensurePrivateFolder, removeTree } from '../disk/index.ts';
import type { TransferOptions, Transfers } from '../transfers/index.ts';

const GIB = 1024 ** 3;
export const INPUT_CACHE_BYTES = 2 * GIB;

/** Puts the input files of an attempt in place. */
export type Inputs = {
  fetch(
    files: Pick<Assignment, 'workspace_id' | 'inputs'>,
    folder: string,
    options: TransferOptions,
  ): Promise<void>;
};

type Deps = {
  readonly cacheFolder: string;
  readonly transfers: Transfers;
  readonly cacheBytes?: number | undefined;
};

/**
 * Inputs come through a cache by workspace and sha256: a second attempt, or the next job with the same files, downloads
 * nothing twice, and an interrupted download goes on. Jobs get copies (shared blocks where the file system can), never
 * the cached file itself: a job cannot change what another one reads.
 */
export function createInputs(deps: Deps): Inputs {
  const cacheBytes = deps.cacheBytes ?? INPUT_CACHE_BYTES;
  const downloads = new Map<string, Promise<void>>();

  const cached = async (file: InputFile, folder: string, options: TransferOptions): Promise<string> => {
    const path = join(folder, file.sha256);
    if (await isThere(path, file.size)) return path;
    const running = downloads.get(path);
    if (running) {
      // Another attempt downloads it; if that one is given up, this one tries by itself.
      await running.catch(() => undefined);
      return cached(file, folder, options);
    }
    const download = deps.transfers
      .download(file, `${path}.part`, options)
      .then(() => rename(`${path}.part`, path));
    downloads.set(path, download);
    try {
      await download;
    } finally {
      downloads.delete(path);
    }
    return path;
  };

  return {
    async fetch(files, folder, options) {
      const cacheFolder = join(deps.cacheFolder, files.workspace_id);
      if (files.inputs.length > 0) await ensurePrivateFolder(cacheFolder);
      for (const file of files.inputs) {
        options.signal.throwIfAborted();
        const target = join(folder, ...file.path.split('/'));
        await mkdir(dirname(target), { recursive: true, mode: 0o755 });
        const source = await cached(file, cacheFolder, options);
        await copyFile(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
        await chmod(target, file.executable ? 0o755 : 0o644);
        await utimes(source, new Date(), new Date());
      }
      if (files.inputs.length > 0) await evict(deps.cacheFolder, cacheBytes);
    },
  };
}

async function isThere(path: string, size: number): Promise<boolean> {
  try {
    return (await stat(path)).size === size;
  } catch {
    return false;
  }
}

/** Deletes what was used longest ago until the cache fits. Files that a download still writes to stay. */
async function evict(root: string, maxBytes: number): Promise<void> {
  const entries: { path: string; size: number; used: number }[] = [];
  for (const workspace of await readdir(root)) {
    for (const name of await readdir(join(root, workspace))) {
      const path = join(root, workspace, name);
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile()) entries.push({ path, size: found.size, used: found.mtimeMs });
    }
  }
  let total = entries.reduce((sum, entry) => sum + entry.size, 0);
  for (const entry of entries.sort((a, b) => a.used - b.used)) {
    if (total <= maxBytes) return;
    if (entry.path.endsWith('.part') && Date.now() - entry.used < 60_000) continue;
    await rm(entry.path, { force: true });
    total -= entry.size;
  }
}

export async function clearCache(folder: string): Promise<void> {
  await removeTree(folder);
}
