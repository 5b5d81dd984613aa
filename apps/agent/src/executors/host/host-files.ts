import { readFile } from 'node:fs/promises';

/** The text of a file below /proc or a cgroup; undefined when it is not there (any more). */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'ENODEV' || code === 'EACCES') return undefined;
    throw error;
  }
}

/** The number after `key` in a file of `key number` lines, else 0. */
export function valueIn(text: string | undefined, key: string): number {
  const line = text?.split('\n').find((each) => each.startsWith(`${key} `));
  return line === undefined ? 0 : Number(line.slice(key.length + 1));
}
