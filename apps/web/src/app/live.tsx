import { createLiveClient, type LiveState, liveUrl } from '@otherthing/client';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { createRefresher, isStale } from './invalidate.ts';
import { queryClient } from './query-client.ts';

type Connection = { readonly state: LiveState; readonly since: number };
const Context = createContext<Connection>({ state: 'connecting', since: Date.now() });

/** State of the live connection, for the chip and for pages that poll while it is away. */
export const useConnection = () => useContext(Context);

/** Keeps every snapshot of the workspace fresh; a gap reads all that is on screen again. */
export function LiveProvider(props: { workspaceId: string | undefined; children: ReactNode }) {
  const { workspaceId, children } = props;
  const [connection, setConnection] = useState<Connection>({ state: 'connecting', since: Date.now() });
  useEffect(() => {
    if (!workspaceId) return undefined;
    const refresh = createRefresher(
      (topics) =>
        queryClient.invalidateQueries({
          predicate: (query) => topics === 'all' || isStale(query.queryKey, workspaceId, topics),
        }),
      400,
    );
    const live = createLiveClient({
      url: liveUrl(window.location.origin),
      onChanged: refresh,
      onGap: () => refresh('all'),
      onState: (state, since) => setConnection({ state, since }),
    });
    const wake = () => {
      if (document.visibilityState === 'visible') live.wake();
    };
    live.watch(workspaceId);
    window.addEventListener('online', wake);
    document.addEventListener('visibilitychange', wake);
    return () => {
      window.removeEventListener('online', wake);
      document.removeEventListener('visibilitychange', wake);
      live.close();
    };
  }, [workspaceId]);
  return <Context value={connection}>{children}</Context>;
}
