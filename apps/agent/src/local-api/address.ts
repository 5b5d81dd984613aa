import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Unix socket paths end at 107 bytes on Linux and 103 on macOS. */
const MAX_SOCKET_PATH = 100;

/** Where the agent of a state folder listens. */
export function localAddress(stateDir: string): string {
  const folder = resolve(stateDir);
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\otherthing-agent-${id}`;
  const path = join(folder, 'control.sock');
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  return join(tmpdir(), `otherthing-agent-${process.getuid?.() ?? 0}-${id}`, 'control.sock');
}

/** Makes the folder of a socket that did not fit into the state folder. */
export async function prepareAddress(stateDir: string, address: string): Promise<void> {
  if (process.platform === 'win32' || address.startsWith(resolve(stateDir))) return;
  await mkdir(join(address, '..'), { recursive: true, mode: 0o700 });
}
