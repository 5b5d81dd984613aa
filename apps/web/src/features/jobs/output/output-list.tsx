import { exactTime } from '@otherthing/ui';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, Fragment, memo, useEffect, useLayoutEffect, useRef } from 'react';
import { readLine, type Style } from './ansi.ts';
import { splitHits } from './find.ts';
import styles from './output.module.css';
import type { OutputLine } from './output-lines.ts';

/** A line to bring into view; `turn` counts up so that the same line can be asked for again. */
export type Target = { readonly id: number; readonly turn: number };

type Props = {
  lines: readonly OutputLine[];
  firstId: number;
  wrap: boolean;
  follow: boolean;
  query: string;
  target: Target | undefined;
  onFollow: (follow: boolean) => void;
  onEnd: () => void;
};

const LINE_HEIGHT = 20;
/** This close to the end counts as being there. */
const AT_END = 40;

/** Only the lines in view are in the page, however many there are. */
export function OutputList(props: Props) {
  const { lines, wrap, query, target, firstId } = props;
  const box = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_HEIGHT,
    getItemKey: (index) => firstId + index,
    overscan: 20,
    paddingStart: 8,
    paddingEnd: 8,
  });
  const keepPlace = useKeepPlace(props, list);
  return (
    <section
      ref={box}
      className={styles.scroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
      tabIndex={0}
      aria-label="Output"
      onScroll={(event) => {
        keepPlace();
        watchEnd(event.currentTarget, props);
      }}
      onWheel={(event) => {
        if (event.deltaY < 0 && props.follow) props.onFollow(false);
      }}
      onKeyDown={(event) => {
        if (['ArrowUp', 'PageUp', 'Home'].includes(event.key) && props.follow) props.onFollow(false);
      }}
    >
      <div className={styles.canvas} style={{ height: list.getTotalSize() }} data-wrap={wrap}>
        {list.getVirtualItems().map((item) => {
          const line = lines[item.index];
          return line ? (
            <div
              key={item.key}
              data-index={item.index}
              ref={list.measureElement}
              className={styles.row}
              data-stream={line.stream}
              data-hit={target?.id === firstId + item.index}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Line line={line} query={query} />
            </div>
          ) : null;
        })}
      </div>
    </section>
  );
}

type List = ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>;

/**
 * Stays at the end while following, at the same line when lines come or go before it, and goes to what was searched.
 * Returns what notes the place after a scroll.
 */
function useKeepPlace(props: Props, list: List): () => void {
  const { lines, follow, target, firstId, wrap } = props;
  const count = lines.length;
  const top = useRef<number>(undefined);
  const first = useRef(firstId);
  // biome-ignore lint/correctness/useExhaustiveDependencies: wrapping changes heights, so the end moves
  useLayoutEffect(() => {
    if (follow && count > 0) list.scrollToIndex(count - 1, { align: 'end' });
  }, [follow, count, list, wrap]);
  useEffect(() => {
    if (target) list.scrollToIndex(target.id - first.current, { align: 'center' });
  }, [target, list]);
  useLayoutEffect(() => {
    const moved = first.current !== firstId;
    first.current = firstId;
    if (moved && !follow && top.current !== undefined) {
      list.scrollToIndex(Math.max(0, top.current - firstId), { align: 'start' });
    }
  }, [firstId, follow, list]);
  return () => {
    const item = list.getVirtualItemForOffset(list.scrollOffset ?? 0);
    top.current = item && count > 0 ? firstId + item.index : undefined;
  };
}

function watchEnd(box: HTMLElement, props: Props): void {
  const left = box.scrollHeight - box.scrollTop - box.clientHeight;
  if (left < box.clientHeight * 2) props.onEnd();
  if (left < AT_END && box.scrollTop > 0 && !props.follow && props.target === undefined) props.onFollow(true);
}

const Line = memo(function Line(props: { line: OutputLine; query: string }) {
  const { line, query } = props;
  const { spans } = readLine(line.text, line.style);
  return (
    <span title={`${line.stream}, ${exactTime(line.time)}`}>
      {line.stream === 'stderr' ? <span className="ot-visually-hidden">stderr: </span> : null}
      {spans.map((span, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the spans of a line never move
        <span key={index} style={cssOf(span.style)}>
          <Hits text={span.text} query={query} />
        </span>
      ))}
      {spans.length === 0 ? '\u200b' : null}
    </span>
  );
});

function Hits(props: { text: string; query: string }) {
  const pieces = splitHits(props.text, props.query);
  return pieces.map((piece, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move
    <Fragment key={index}>{index % 2 === 1 ? <mark className={styles.mark}>{piece}</mark> : piece}</Fragment>
  ));
}

function cssOf(style: Style): CSSProperties | undefined {
  if (Object.keys(style).length === 0) return undefined;
  const fg = style.inverse ? (style.bg ?? 'var(--ot-output)') : style.fg;
  const bg = style.inverse ? (style.fg ?? 'var(--ot-text)') : style.bg;
  return {
    ...(fg ? { color: fg } : {}),
    ...(bg ? { backgroundColor: bg } : {}),
    ...(style.bold ? { fontWeight: 700 } : {}),
    ...(style.dim ? { opacity: 0.75 } : {}),
    ...(style.italic ? { fontStyle: 'italic' } : {}),
    ...(style.underline ? { textDecoration: 'underline' } : {}),
  };
}
