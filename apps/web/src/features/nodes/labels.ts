import { Labels } from '@otherthing/protocol/names';

/** `rack=3 gpu` as labels; throws with a sentence when a part cannot be one. */
export function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const part of text.split(/[\s,]+/).filter(Boolean)) {
    const [key = '', ...rest] = part.split('=');
    labels[key] = rest.join('=');
  }
  const parsed = Labels.safeParse(labels);
  if (!parsed.success)
    throw new Error(`Labels are key or key=value: ${parsed.error.issues[0]?.message ?? 'not understood'}.`);
  return parsed.data;
}

export function writeLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => (value ? `${key}=${value}` : key))
    .join(' ');
}

/** What is wrong with the text, or nothing. */
export function labelsProblem(text: string): string | null {
  try {
    parseLabels(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
