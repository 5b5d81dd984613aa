import { open } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { readIfThere } from './host-files.ts';

const openFile = promisify(open);
const MAX_COVERED_FD = 1024;
const O_CLOEXEC = 0o2000000;

/**
 * Descriptors that the agent inherited from whoever started it would be inherited by jobs as well, and no Node call can
 * mark them. The result goes into the `stdio` of a child from descriptor `first` on: a null device in each such place.
 */
export async function leakCovers(first: number): Promise<('ignore' | number)[]> {
  if (process.platform !== 'linux') return [];
  const leaks: number[] = [];
  for (const name of await readdir('/proc/self/fdinfo')) {
    const info = (await readIfThere(`/proc/self/fdinfo/${name}`)) ?? '';
    const flags = Number.parseInt(/^flags:\s+(\d+)/m.exec(info)?.[1] ?? '', 8);
    const isInherited = !Number.isNaN(flags) && (flags & O_CLOEXEC) === 0;
    if (isInherited && Number(name) >= first && Number(name) <= MAX_COVERED_FD) leaks.push(Number(name));
  }
  if (leaks.length === 0) return [];
  const nothing = await openFile('/dev/null', 'r+');
  return Array.from({ length: Math.max(...leaks) + 1 - first }, (_, index) =>
    leaks.includes(first + index) ? nothing : 'ignore',
  );
}
