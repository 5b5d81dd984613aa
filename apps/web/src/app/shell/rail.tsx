import { NavLink } from '@mantine/core';
import { accounts } from '@otherthing/protocol/http';
import {
  IconActivity,
  IconDeviceDesktopAnalytics,
  IconLayoutDashboard,
  IconLogout,
  IconServer2,
  IconSettings,
  IconUser,
} from '@tabler/icons-react';
import { Link, type LinkProps, useNavigate, useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { notifyProblem } from '../../ui/notify.ts';
import { api } from '../api.ts';
import { forgetPerson, useMe } from '../session.ts';
import styles from './shell.module.css';
import { WorkspaceSwitcher } from './workspace-switcher.tsx';

/** Workspace on top, its tabs, then what belongs to the person. */
export function Rail(props: { workspaceId: string | undefined }) {
  return (
    <div className={styles.railBody}>
      <WorkspaceSwitcher workspaceId={props.workspaceId} />
      {props.workspaceId ? <Tabs workspaceId={props.workspaceId} /> : null}
      <div className={styles.grow} />
      <Person />
    </div>
  );
}

function Tabs(props: { workspaceId: string }) {
  const params = { workspaceId: props.workspaceId };
  return (
    <nav aria-label="Workspace">
      <Tab
        to="/w/$workspaceId"
        params={params}
        label="Overview"
        exact
        icon={<IconLayoutDashboard size={18} stroke={1.5} />}
      />
      <Tab
        to="/w/$workspaceId/nodes"
        params={params}
        label="Nodes"
        icon={<IconServer2 size={18} stroke={1.5} />}
      />
      <Tab
        to="/w/$workspaceId/jobs"
        params={params}
        label="Jobs"
        icon={<IconActivity size={18} stroke={1.5} />}
      />
      <Tab
        to="/w/$workspaceId/settings"
        params={params}
        label="Settings"
        icon={<IconSettings size={18} stroke={1.5} />}
      />
    </nav>
  );
}

function Person() {
  const me = useMe();
  const navigate = useNavigate();
  const signOut = async () => {
    try {
      await api.call(accounts.postSignOut);
      forgetPerson();
      await navigate({ to: '/sign-in' });
    } catch (error) {
      notifyProblem(error);
    }
  };
  return (
    <nav aria-label="You">
      <Tab to="/own-nodes" label="Your nodes" icon={<IconDeviceDesktopAnalytics size={18} stroke={1.5} />} />
      <Tab to="/account" label={me?.name ?? 'Account'} icon={<IconUser size={18} stroke={1.5} />} />
      <NavLink
        component="button"
        label="Sign out"
        leftSection={<IconLogout size={18} stroke={1.5} />}
        className={styles.tab}
        onClick={() => void signOut()}
      />
    </nav>
  );
}

function Tab(props: {
  to: LinkProps['to'];
  params?: { workspaceId: string };
  label: string;
  icon: ReactNode;
  exact?: boolean;
}) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const target = String(props.to).replace('$workspaceId', props.params?.workspaceId ?? '');
  const active = props.exact ? path === target || path === `${target}/` : path.startsWith(target);
  return (
    <NavLink
      component={Link}
      to={props.to as string}
      params={props.params as never}
      label={props.label}
      leftSection={props.icon}
      active={active}
      activeOptions={{ exact: props.exact === true, includeSearch: false }}
      className={styles.tab}
    />
  );
}
