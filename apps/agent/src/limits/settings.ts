import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@otherthing/protocol/errors';
import { z } from 'zod';
import { readTextIfThere, writeDurably } from '../disk/index.ts';

/** What the owner decided for this node; kept in the state folder until decided otherwise. */
export const OwnerSettings = z.object({
  cpuCores: z.number().positive().optional(),
  ramPercent: z.number().min(1).max(100).optional(),
  allowUnsandboxed: z.boolean().optional(),
  readOnlyPaths: z.array(z.string()).optional(),
});
export type OwnerSettings = z.infer<typeof OwnerSettings>;

const fileOf = (stateDir: string): string => join(stateDir, 'settings.json');

function check(settings: OwnerSettings): void {
  const cores = availableParallelism();
  if (settings.cpuCores !== undefined && settings.cpuCores > cores)
    throw new AppError('bad_request', {
      message: `This machine has ${cores} CPU cores; it cannot lend ${settings.cpuCores}.`,
      hint: 'Give --cpu-cores a number up to that.',
    });
}

/** Reads the settings, applies what the command line says, keeps the result. */
export async function updateSettings(stateDir: string, change: OwnerSettings): Promise<OwnerSettings> {
  const text = await readTextIfThere(fileOf(stateDir));
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  try {
    const before = text === undefined ? {} : OwnerSettings.parse(JSON.parse(text));
    const settings = OwnerSettings.parse({ ...before, ...given });
    check(settings);
    if (Object.keys(given).length > 0)
      await writeDurably(fileOf(stateDir), `${JSON.stringify(settings, null, 2)}\n`);
    return settings;
  } catch (error) {
    if (error instanceof AppError || !(error instanceof z.ZodError || error instanceof SyntaxError))
      throw error;
    throw new AppError('bad_request', {
      message: `The owner's settings are wrong: ${error.message}`,
      hint: `Correct the arguments, or delete ${fileOf(stateDir)}.`,
      cause: error,
    });
  }
}
