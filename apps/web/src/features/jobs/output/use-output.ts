import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { api } from '../../../app/api.ts';
import { BATCH, type OutputPlace, OutputSource } from './output-source.ts';

/** Outputs beyond this many bytes open at their end. */
export const LONG_OUTPUT = 8 * BATCH;

/** The source for one attempt, started and stopped with the page. Long outputs open at their end. */
export function useOutputSource(place: OutputPlace, bytes: number) {
  const { workspaceId, jobId, epoch } = place;
  const source = useMemo(
    () => new OutputSource(api, { workspaceId, jobId, epoch }),
    [workspaceId, jobId, epoch],
  );
  const atStart = useRef(bytes);
  const state = useSyncExternalStore(source.subscribe, source.state);
  useEffect(() => {
    source.start(atStart.current > LONG_OUTPUT ? { tail: BATCH } : {});
    return () => source.stop();
  }, [source]);
  return { source, state };
}

/** Whether something long is running, and its error. */
export function useTask() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const stop = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const run = async (task: (signal: AbortSignal) => Promise<void>) => {
    stop.current?.abort();
    const own = new AbortController();
    stop.current = own;
    setBusy(true);
    setError(undefined);
    try {
      await task(own.signal);
    } catch (thrown) {
      if (!own.signal.aborted) setError(thrown);
    } finally {
      if (stop.current === own) setBusy(false);
    }
  };
  return { busy, error, run, cancel: () => stop.current?.abort() };
}
