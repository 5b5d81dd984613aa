import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RelativePath } from '@otherthing/protocol/names';
import type { ExecutionRequest } from '../executor.ts';

const MAX_LISTED = 100_000;
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

export type Answer = { readonly body: Buffer } | { readonly error: string; readonly isDiskFull?: boolean };

/** The file operations of one script, done by the agent: the engine process itself can open nothing. */
export type JobFiles = { answer(op: string, name: string, body: Buffer): Promise<Answer> };

export function createJobFiles({ folders, limits }: Pick<ExecutionRequest, 'folders' | 'limits'>): JobFiles {
  let bytes = 0;
  let inodes = 0;
  const sizes = new Map<string, number>();

  const read = async (name: string): Promise<Answer> => {
    const path = RelativePath.safeParse(name);
    if (!path.success) return { error: `There is no input file ${shorten(name)}.` };
    const file = await openIfFile(join(folders.input, ...path.data.split('/')));
    if (!file) return { error: `There is no input file ${shorten(name)}.` };
    try {
      const { size } = await file.stat();
      if (size > limits.memoryBytes)
        return {
          error: `The input file ${shorten(name)} is larger than the memory of the job (resources.memoryMb).`,
        };
      return { body: await file.readFile() };
    } finally {
      await file.close();
    }
  };

  const write = async (name: string, data: Buffer): Promise<Answer> => {
    const path = RelativePath.safeParse(name);
    if (!path.success) return { error: `The output name ${shorten(name)} is not a plain relative path.` };
    const parts = path.data.split('/');
    const isNew = !sizes.has(path.data);
    const total = bytes - (sizes.get(path.data) ?? 0) + data.length;
    if (total > limits.diskBytes || inodes + (isNew ? parts.length : 0) > limits.diskInodes)
      return { error: 'The disk of the job is full (resources.diskMb).', isDiskFull: true };
    const target = join(folders.output, ...parts);
    await mkdir(dirname(target), { recursive: true });
    const file = await open(
      target,
      constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | NO_FOLLOW,
      0o644,
    );
    try {
      await file.writeFile(data);
    } finally {
      await file.close();
    }
    bytes = total;
    if (isNew) inodes += parts.length;
    sizes.set(path.data, data.length);
    return { body: Buffer.alloc(0) };
  };

  return {
    async answer(op, name, body) {
      try {
        if (op === 'list') return { body: Buffer.from(JSON.stringify(await listFiles(folders.input))) };
        if (op === 'readText' || op === 'readBytes') return await read(name);
        if (op === 'writeText' || op === 'writeBytes') return await write(name, body);
        return { error: `There is no operation ${shorten(op)}.` };
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
        return { error: `${shorten(name)} could not be used: ${code}.` };
      }
    },
  };
}

const shorten = (name: string): string => JSON.stringify(name.slice(0, 200));

async function openIfFile(path: string) {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() ? open(path, constants.O_RDONLY | NO_FOLLOW) : undefined;
}

async function listFiles(root: string): Promise<{ path: string; size: number }[]> {
  const files: { path: string; size: number }[] = [];
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isFile() && files.length < MAX_LISTED)
        files.push({ path, size: (await lstat(join(root, path))).size });
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
