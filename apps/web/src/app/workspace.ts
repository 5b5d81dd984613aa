import { useParams } from '@tanstack/react-router';

const KEY = 'ot.workspace';

/** The workspace whose page is open; only for parts below its route. */
export function useWorkspaceId(): string {
  const { workspaceId } = useParams({ strict: false });
  if (!workspaceId) throw new Error('this part belongs below a workspace');
  return workspaceId;
}

/** The workspace last opened in this browser, to come back to. */
export function lastWorkspaceId(): string | undefined {
  return readLocal(KEY);
}

export function rememberWorkspace(workspaceId: string): void {
  writeLocal(KEY, workspaceId);
}

/** Local storage may be switched off; the page then simply forgets. */
export function readLocal(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeLocal(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Nothing depends on it.
  }
}
