import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { AppError } from '@otherthing/protocol/errors';
import type { Logger } from '@otherthing/runtime';
import { localAddress, prepareAddress } from './address.ts';
import { LocalCommand } from './contract.ts';

export type LocalApi = { close(): Promise<void> };

const MAX_BODY_BYTES = 64 * 1024;

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk as string;
    if (text.length > MAX_BODY_BYTES) throw new AppError('too_large');
  }
  return text;
}

function parseCommand(text: string): LocalCommand {
  try {
    return LocalCommand.parse(JSON.parse(text));
  } catch (error) {
    throw new AppError('bad_request', { message: 'The command is not understood.', cause: error });
  }
}

/** Listens for commands; `handle` returns what is sent back as JSON. */
export async function startLocalApi(options: {
  stateDir: string;
  logger: Logger;
  handle: (command: LocalCommand) => Promise<unknown>;
}): Promise<LocalApi> {
  const address = localAddress(options.stateDir);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let reply: unknown;
    try {
      reply = { ok: true, value: await options.handle(parseCommand(await readBody(request))) };
    } catch (error) {
      const known = error instanceof AppError ? error : new AppError('internal', { cause: error });
      if (known !== error) options.logger.error({ err: error }, 'a local command failed');
      reply = { ok: false, error: { code: known.code, message: known.message, hint: known.hint } };
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(reply));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      options.logger.warn({ err: error }, 'a local command could not be answered');
      response.destroy();
    });
  });
  await prepareAddress(options.stateDir, address);
  if (process.platform !== 'win32') await rm(address, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, resolve);
  });
  if (process.platform !== 'win32') await chmod(address, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
