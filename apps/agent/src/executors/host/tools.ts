import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** Where system programs live. The agent's own PATH is not asked: a job must not be started by a program of a user. */
const PLACES = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];
const MAX_TEXT = 4000;

/** What is given to system programs that run with the agent's rights: never anything of a job. */
export const TOOL_ENVIRONMENT = { PATH: PLACES.join(':'), LC_ALL: 'C' };

export async function findTool(name: string): Promise<string | undefined> {
  for (const place of PLACES) {
    const path = join(place, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // The next place may have it.
    }
  }
  return undefined;
}

export type ToolResult = { readonly code: number | null; readonly stderr: string };

/** Runs a system program to its end; what it complains about comes back. */
export function runTool(command: readonly string[], timeoutMs = 10_000): Promise<ToolResult> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: TOOL_ENVIRONMENT,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(0, MAX_TEXT);
    });
    child.once('error', (error) => resolve({ code: null, stderr: error.message }));
    child.once('close', (code) => resolve({ code, stderr: stderr.trim() }));
  });
}

/** One word of a shell script. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
