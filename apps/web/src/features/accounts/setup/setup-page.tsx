import { Stepper, Title } from '@mantine/core';
import { Problem } from '@otherthing/ui';
import { useQuery } from '@tanstack/react-query';
import { Navigate, useSearch } from '@tanstack/react-router';
import { PagePending } from '../../../app/page-states.tsx';
import { meQuery, setupQuery, workspacesQuery } from '../../../app/session.ts';
import { AuthFrame } from '../../../ui/auth-frame.tsx';
import { AccountStep } from './account-step.tsx';
import { MachineStep } from './machine-step.tsx';
import { WorkspaceStep } from './workspace-step.tsx';

/**
 * From nothing to a running job: account, workspace, first machine. The step follows from what exists already, so the
 * page can be left and opened again at any point.
 */
export function SetupPage() {
  const search = useSearch({ strict: false });
  const setup = useQuery(setupQuery);
  const needed = setup.data?.needed;
  const me = useQuery({ ...meQuery, enabled: needed === false });
  const workspaces = useQuery({ ...workspacesQuery, enabled: me.data !== undefined });
  const error = setup.error ?? workspaces.error;
  if (error) {
    return (
      <AuthFrame title="Set up">
        <Problem error={error} onRetry={() => void (setup.error ? setup.refetch() : workspaces.refetch())} />
      </AuthFrame>
    );
  }
  if (needed === undefined) return <PagePending />;
  if (needed) return <Steps active={0} token={search.token} />;
  if (me.error) return <Navigate to="/sign-in" search={{ next: '/setup' }} />;
  if (!me.data || !workspaces.data) return <PagePending />;
  const workspace =
    workspaces.data.items.find((each) => each.id === search.workspace) ?? workspaces.data.items[0];
  return workspace ? <Steps active={2} workspaceId={workspace.id} /> : <Steps active={1} />;
}

function Steps(props: { active: 0 | 1 | 2; token?: string | undefined; workspaceId?: string }) {
  return (
    <AuthFrame title="Set up" wide>
      <Title order={1} ta="center">
        Set up OtherThing
      </Title>
      <Stepper active={props.active} size="sm" allowNextStepsSelect={false} aria-label="Steps">
        <Stepper.Step label="Your account" description="owner of this orchestrator" />
        <Stepper.Step label="Workspace" description="your team's place" />
        <Stepper.Step label="First machine" description="and a first job" />
      </Stepper>
      {props.active === 0 ? <AccountStep token={props.token} /> : null}
      {props.active === 1 ? <WorkspaceStep /> : null}
      {props.active === 2 && props.workspaceId ? <MachineStep workspaceId={props.workspaceId} /> : null}
    </AuthFrame>
  );
}
