import { statfs } from 'node:fs/promises';

/** Bytes that this process may still write below `path`. */
export async function freeBytes(path: string): Promise<number> {
  const system = await statfs(path);
  return system.bavail * system.bsize;
}

/** True for the errors of a full disk or a used-up quota. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
