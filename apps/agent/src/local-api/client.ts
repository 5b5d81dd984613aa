import { request } from 'node:http';
import { AppError, ERROR_CODES } from '@otherthing/protocol/errors';
import { z } from 'zod';
import { localAddress } from './address.ts';
import type { LocalCommand } from './contract.ts';

export const LocalReply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error: z.object({ code: z.enum(ERROR_CODES), message: z.string(), hint: z.string() }),
  }),
]);

const TIMEOUT_MS = 30_000;

/** Asks the agent that runs on this state folder. Undefined when none does. */
export async function askAgent(stateDir: string, command: LocalCommand): Promise<unknown> {
  const text = await post(localAddress(stateDir), JSON.stringify(command));
  if (text === undefined) return undefined;
  const reply = LocalReply.parse(JSON.parse(text));
  if (reply.ok) return reply.value ?? null;
  throw new AppError(reply.error.code, { message: reply.error.message, hint: reply.error.hint });
}

function post(socketPath: string, body: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method: 'POST', path: '/', timeout: TIMEOUT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error('the agent does not answer')));
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(error);
    });
    call.end(body);
  });
}
