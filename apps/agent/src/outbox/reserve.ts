import { open, rm, stat } from 'node:fs/promises';

/** A file that occupies space until outcomes need it. */
export type Reserve = {
  isHeld(): boolean;
  /** Gives the space back to the disk. */
  release(): Promise<void>;
  /** Takes the space again; false while the disk has no room for it. */
  take(): Promise<boolean>;
};

const DEFAULT_BYTES = 16 * 1024 * 1024;

export async function openReserve(path: string, bytes = DEFAULT_BYTES): Promise<Reserve> {
  let held = false;
  const reserve: Reserve = {
    isHeld: () => held,
    async release() {
      held = false;
      await rm(path, { force: true });
    },
    async take() {
      if (held) return true;
      held = await fill(path, bytes);
      return held;
    },
  };
  held = (await sizeOf(path)) === bytes || (await fill(path, bytes));
  return reserve;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return -1;
  }
}

/** Written, not truncated to size: a hole reserves nothing. */
async function fill(path: string, bytes: number): Promise<boolean> {
  const chunk = Buffer.alloc(Math.min(bytes, 1024 * 1024));
  const file = await open(path, 'w', 0o600);
  try {
    for (let at = 0; at < bytes; at += chunk.length)
      await file.writeFile(chunk.subarray(0, Math.min(chunk.length, bytes - at)));
    await file.sync();
    return true;
  } catch {
    // Whatever the reason, there is no reserve: the caller says so and tries again later.
    await file.truncate(0);
    await rm(path, { force: true });
    return false;
  } finally {
    await file.close();
  }
}
