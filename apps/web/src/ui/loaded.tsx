import { Center, Loader } from '@mantine/core';
import { Problem, useLate } from '@otherthing/ui';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

/** A snapshot in place: waits, or says what went wrong, or shows it. Stale data stays on screen beside an error. */
export function Loaded<T>(props: {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
  minHeight?: number;
}) {
  const { query } = props;
  if (query.data !== undefined) {
    return (
      <>
        {query.error ? <Problem error={query.error} onRetry={() => void query.refetch()} /> : null}
        {props.children(query.data)}
      </>
    );
  }
  if (query.error) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  return <Waiting minHeight={props.minHeight ?? 120} />;
}

function Waiting(props: { minHeight: number }) {
  const late = useLate(250);
  return (
    <Center mih={props.minHeight} role="status" aria-label="Loading">
      {late ? <Loader type="dots" /> : null}
    </Center>
  );
}
