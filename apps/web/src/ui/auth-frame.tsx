import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ThemeSwitch } from '../app/shell/theme-switch.tsx';
import styles from './auth-frame.module.css';
import { useTitle } from './page.tsx';

/** Pages without the rail: sign-in, set-up, confirming a CLI. */
export function AuthFrame(props: { title: string; wide?: boolean; children: ReactNode }) {
  useTitle(props.title);
  return (
    <div className={styles.frame}>
      <header className={styles.top}>
        <Group gap="sm">
          <img src="/favicon.svg" alt="" width={28} height={28} />
          <Text fw={650}>OtherThing</Text>
        </Group>
        <ThemeSwitch />
      </header>
      <main className={`${styles.main} ${props.wide ? styles.wide : ''}`}>{props.children}</main>
    </div>
  );
}
