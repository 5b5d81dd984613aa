import { Menu, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCheck, IconPlus, IconSelector } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CreateWorkspace } from '../../features/workspaces/create-workspace.tsx';
import { workspacesQuery } from '../session.ts';
import styles from './shell.module.css';

/** Names the open workspace; its menu switches to another one or makes one. */
export function WorkspaceSwitcher(props: { workspaceId: string | undefined }) {
  const { data } = useQuery(workspacesQuery);
  const navigate = useNavigate();
  const [creating, create] = useDisclosure(false);
  const items = data?.items ?? [];
  const current = items.find((each) => each.id === props.workspaceId);
  const open = (workspaceId: string) => void navigate({ to: '/w/$workspaceId', params: { workspaceId } });
  return (
    <>
      <Menu position="bottom-start" width={240}>
        <Menu.Target>
          <UnstyledButton className={styles.switcher}>
            <span className={styles.mark} aria-hidden>
              {(current?.name ?? 'O').slice(0, 1).toUpperCase()}
            </span>
            <span className={styles.switcherText}>
              <Text size="xs" c="dimmed">
                Workspace
              </Text>
              <Text size="sm" fw={600} truncate>
                {current?.name ?? 'None yet'}
              </Text>
            </span>
            <IconSelector size={16} stroke={1.5} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Workspaces</Menu.Label>
          {items.map((each) => (
            <Menu.Item
              key={each.id}
              onClick={() => open(each.id)}
              rightSection={
                each.id === props.workspaceId ? <IconCheck size={14} aria-label="open now" /> : null
              }
            >
              {each.name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconPlus size={16} stroke={1.5} />} onClick={create.open}>
            Create a workspace
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <CreateWorkspace opened={creating} onClose={create.close} onCreated={open} />
    </>
  );
}
