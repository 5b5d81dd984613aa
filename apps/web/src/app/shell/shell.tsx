import { Burger, Drawer, Kbd, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams, useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { HeadSlot } from '../../ui/page.tsx';
import { LiveProvider } from '../live.tsx';
import { workspacesQuery } from '../session.ts';
import { lastWorkspaceId } from '../workspace.ts';
import { ConnectionChip, StaleBanner } from './connection.tsx';
import { Palette } from './palette.tsx';
import { Rail } from './rail.tsx';
import styles from './shell.module.css';
import { ThemeSwitch } from './theme-switch.tsx';

/** The frame around every page behind the sign-in. */
export function Shell() {
  const { workspaceId: inPath } = useParams({ strict: false });
  const workspaces = useQuery(workspacesQuery);
  const items = workspaces.data?.items;
  const fallback = items?.find((each) => each.id === lastWorkspaceId()) ?? items?.[0];
  const workspaceId = inPath ?? fallback?.id;
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  return (
    <LiveProvider workspaceId={workspaceId}>
      <HeadSlot value={slot}>
        <a href="#content" className={styles.skip}>
          Skip to the content
        </a>
        <div className={styles.frame}>
          <Navigation workspaceId={workspaceId} />
          <div className={styles.column}>
            <header className={styles.top}>
              <div ref={setSlot} className={styles.headSlot} />
              <TopTools />
            </header>
            <StaleBanner />
            <main id="content" className={styles.main}>
              <Outlet />
            </main>
          </div>
        </div>
        {workspaceId ? <Palette workspaceId={workspaceId} /> : null}
      </HeadSlot>
    </LiveProvider>
  );
}

/** The rail; below 900 px a drawer behind a button. */
function Navigation(props: { workspaceId: string | undefined }) {
  const narrow = useMediaQuery('(max-width: 56.24em)', false, { getInitialValueInEffect: false });
  const [opened, drawer] = useDisclosure(false);
  const { close } = drawer;
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes whenever another page opens
  useEffect(close, [path, close]);
  if (!narrow) {
    return (
      <aside className={styles.rail}>
        <Rail workspaceId={props.workspaceId} />
      </aside>
    );
  }
  return (
    <>
      <Burger
        className={styles.burger}
        opened={opened}
        onClick={drawer.toggle}
        size="sm"
        aria-label="Open navigation"
        aria-expanded={opened}
      />
      <Drawer opened={opened} onClose={close} size={272} title="OtherThing" padding="md">
        <Rail workspaceId={props.workspaceId} />
      </Drawer>
    </>
  );
}

function TopTools() {
  return (
    <div className={styles.tools}>
      <ConnectionChip />
      <UnstyledButton className={styles.search} onClick={spotlight.open}>
        <IconSearch size={16} stroke={1.5} aria-hidden />
        <Text span size="sm" c="dimmed" className={styles.wide}>
          Go to, do, find
        </Text>
        <Kbd size="xs" className={styles.wide}>
          Ctrl K
        </Kbd>
      </UnstyledButton>
      <ThemeSwitch />
    </div>
  );
}
