import { Anchor, Text, Title } from '@mantine/core';
import { Link, type LinkProps } from '@tanstack/react-router';
import { createContext, Fragment, type ReactNode, useContext, useEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import styles from './page.module.css';

/** Where the frame shows the title of the open page. */
export const HeadSlot = createContext<HTMLElement | null>(null);

export type Crumb = { readonly label: string; readonly link: LinkProps };

/** One page: title and crumbs in the top bar, the one primary action beside the title, then the content. */
export function Page(props: {
  title: string;
  crumbs?: readonly Crumb[];
  /** Beside the action: the state, or the filter of a list. */
  lead?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
  narrow?: boolean;
}) {
  const slot = useContext(HeadSlot);
  useTitle(props.title);
  return (
    <>
      {slot ? createPortal(<Head title={props.title} crumbs={props.crumbs ?? []} />, slot) : null}
      {props.lead || props.action ? (
        <div className={styles.top}>
          <div className={styles.lead}>{props.lead}</div>
          {props.action ? <div className={styles.actions}>{props.action}</div> : null}
        </div>
      ) : null}
      <div className={props.narrow ? styles.narrow : styles.content}>{props.children}</div>
    </>
  );
}

/** The first page of a visit begins at its top, with the link that skips the navigation. */
let visited = false;

function Head(props: { title: string; crumbs: readonly Crumb[] }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // A new page is announced by its heading, as a full page load would do it.
    if (visited && document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
    visited = true;
  }, []);
  return (
    <div className={styles.head}>
      {props.crumbs.length > 0 ? (
        <nav aria-label="Breadcrumbs" className={styles.crumbs}>
          {props.crumbs.map((crumb) => (
            <Fragment key={crumb.label}>
              <Anchor component={Link} {...(crumb.link as { to: string })} size="sm" c="dimmed">
                {crumb.label}
              </Anchor>
              <Text span c="dimmed" size="sm" aria-hidden>
                /
              </Text>
            </Fragment>
          ))}
        </nav>
      ) : null}
      <Title order={1} ref={heading} tabIndex={-1} className={styles.title} title={props.title}>
        {props.title}
      </Title>
    </div>
  );
}

/** The title of the browser's tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} - OtherThing`;
  }, [title]);
}
