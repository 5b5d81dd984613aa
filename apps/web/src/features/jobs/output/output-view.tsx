import { Button, Group, Text } from '@mantine/core';
import { counted, Problem } from '@otherthing/ui';
import { useEffect, useState } from 'react';
import { containing, findLine, looksLikeError, type Match } from './find.ts';
import styles from './output.module.css';
import { OutputBar } from './output-bar.tsx';
import { OutputList, type Target } from './output-list.tsx';
import type { OutputPlace, OutputSource } from './output-source.ts';
import { LONG_OUTPUT, useOutputSource, useTask } from './use-output.ts';

/** Live output of one attempt. */
export function OutputView(props: { place: OutputPlace; bytes: number; name: string; running: boolean }) {
  const { source, state } = useOutputSource(props.place, props.bytes);
  const [wrap, setWrap] = useState(true);
  const long = props.bytes > LONG_OUTPUT;
  const [follow, setFollow] = useState(props.running || long);
  useEffect(() => source.setFollowing(follow), [source, follow]);
  const [query, setQuery] = useState('');
  const search = useSearch(source, state.lines, () => changeFollow(false));
  const changeFollow = (on: boolean) => {
    setFollow(on);
    if (on) search.clear();
  };
  return (
    <div className={styles.view}>
      <OutputBar
        {...{ wrap, setWrap, follow, query, search }}
        setFollow={changeFollow}
        setQuery={setQuery}
        source={source}
        place={props.place}
        name={props.name}
        long={long}
        onSearch={(step) => search.go(containing(query), step)}
        onFirstError={() => search.first(looksLikeError)}
      />
      {search.task.error ? <Problem error={search.task.error} /> : null}
      {state.error ? <Problem error={state.error} onRetry={() => source.start()} /> : null}
      {state.earlier ? (
        <Group justify="center" className={styles.edge}>
          <Button size="compact-xs" variant="subtle" onClick={() => void source.loadEarlier()}>
            Show earlier output
          </Button>
        </Group>
      ) : null}
      <OutputList
        lines={state.lines}
        firstId={state.firstId}
        wrap={wrap}
        follow={follow}
        query={query}
        target={search.target}
        onFollow={changeFollow}
        onEnd={() => source.more()}
      />
      <Text size="xs" c="dimmed" className={styles.edge} role="status">
        {statusText(state, props.running)}
        {search.note ? ` ${search.note}` : ''}
      </Text>
    </div>
  );
}

function statusText(state: ReturnType<OutputSource['state']>, running: boolean): string {
  if (state.trouble) return `${state.trouble.message} Trying again.`;
  const held = counted(state.lines.length, 'line');
  if (state.lines.length === 0) return running ? 'No output yet.' : 'The job printed nothing.';
  return state.ended ? `${held}, complete.` : `${held} so far.`;
}

/** Search in what is held, then in all of the output. */
function useSearch(
  source: OutputSource,
  lines: OutputSource['state'] extends () => { lines: infer L } ? L : never,
  unfollow: () => void,
) {
  const [target, setTarget] = useState<Target>();
  const [note, setNote] = useState('');
  const task = useTask();
  const show = (index: number) => {
    unfollow();
    setNote('');
    setTarget((before) => ({ id: source.state().firstId + index, turn: (before?.turn ?? 0) + 1 }));
  };
  const inAll = (match: Match) =>
    void task.run(async (signal) => {
      setNote('Searching all of the output.');
      const found = await source.openAt(match, signal);
      if (signal.aborted) return;
      if (!found) return setNote('Nothing found.');
      const index = await firstMatch(source, match, signal);
      if (index >= 0) show(index);
    });
  return {
    target,
    note,
    task,
    clear: () => {
      setTarget(undefined);
      setNote('');
    },
    go: (match: Match, step: 1 | -1) => {
      const from = target === undefined ? 0 : target.id - source.state().firstId + step;
      const index = findLine(lines, match, { from, step });
      if (index >= 0) show(index);
      else inAll(match);
    },
    first: (match: Match) => {
      const index = source.state().earlier ? -1 : findLine(lines, match, { from: 0, step: 1 });
      if (index >= 0) show(index);
      else inAll(match);
    },
  };
}

/** Waits until the window, opened at the right place, holds the line. */
function firstMatch(source: OutputSource, match: Match, signal: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    const look = () => {
      const index = findLine(source.state().lines, match, { from: 0, step: 1 });
      if (index < 0 && !signal.aborted && !source.state().ended) return;
      leave();
      resolve(index);
    };
    const leave = source.subscribe(look);
    look();
  });
}
