import { close, constants, open } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

const openFile = promisify(open);
const closeFile = promisify(close);

/** A named pipe with both ends open: `read` for the agent, `write` to be inherited by the job and then closed here. */
export type Fifo = { readonly read: Readable; readonly write: number; closeWrite(): Promise<void> };

/**
 * Node's own child pipes are sockets, and `echo > /dev/stderr` fails on a socket. A FIFO that anybody may write to also
 * works after the job changed its user, and lies in a folder that nobody else can enter.
 */
export async function openFifo(path: string): Promise<Fifo> {
  const readEnd = await openFile(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const write = await openFile(path, constants.O_WRONLY);
  const read = new Socket({ fd: readEnd, readable: true, writable: false });
  let closed = false;
  return {
    read,
    write,
    async closeWrite() {
      if (closed) return;
      closed = true;
      await closeFile(write);
    },
  };
}
