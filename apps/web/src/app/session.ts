import { RequestError } from '@otherthing/client';
import { accounts, workspaces } from '@otherthing/protocol/http';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { redirect } from '@tanstack/react-router';
import { api } from './api.ts';
import { queryClient } from './query-client.ts';
import { lastWorkspaceId } from './workspace.ts';

export const meQuery = queryOptions({
  queryKey: ['me', 'user'],
  queryFn: ({ signal }) => api.call(accounts.getMe, { signal }),
  staleTime: 5 * 60_000,
});

export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: ({ signal }) => api.call(accounts.getSetup, { signal }),
  staleTime: 0,
});

export const workspacesQuery = queryOptions({
  queryKey: ['me', 'workspaces'],
  queryFn: ({ signal }) => api.call(workspaces.listWorkspaces, { query: { limit: 200 }, signal }),
});

/** The signed-in person; pages behind the sign-in always have one. */
export function useMe() {
  return useQuery(meQuery).data;
}

const isSignedOut = (error: unknown) => error instanceof RequestError && error.status === 401;

/** Lets only signed-in people pass; others go to set-up or sign-in, and come back to `href` afterwards. */
export async function requirePerson(href: string): Promise<void> {
  try {
    await queryClient.ensureQueryData(meQuery);
  } catch (error) {
    if (!isSignedOut(error)) throw error;
    const { needed } = await queryClient.fetchQuery(setupQuery);
    if (needed) throw redirect({ to: '/setup' });
    throw redirect({ to: '/sign-in', search: { next: href } });
  }
}

/** Where a person belongs who opened the bare address. */
export async function sendHome(): Promise<never> {
  await requirePerson('/');
  const { items } = await queryClient.ensureQueryData(workspacesQuery);
  const last = items.find((each) => each.id === lastWorkspaceId()) ?? items[0];
  if (!last) throw redirect({ to: '/setup' });
  throw redirect({ to: '/w/$workspaceId', params: { workspaceId: last.id } });
}

/** Forgets what the last person saw. */
export function forgetPerson(): void {
  queryClient.clear();
}
