import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { accounts } from '@otherthing/protocol/http';
import { Facts, Panel, Problem, When } from '@otherthing/ui';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../app/api.ts';
import { useMe } from '../../app/session.ts';
import { AuthFrame } from '../../ui/auth-frame.tsx';

/** Confirms that a CLI may act as this person. */
export function CliLoginPage() {
  const { code } = useSearch({ from: '/cli' });
  return (
    <AuthFrame title="CLI login">
      <Title order={1}>CLI login</Title>
      {code ? <Confirm code={code} /> : <AskCode />}
    </AuthFrame>
  );
}

function AskCode() {
  const navigate = useNavigate();
  const [code, setCode] = useState('');
  return (
    <Panel label="Code of the CLI">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void navigate({ to: '/cli', search: { code: code.trim() } });
        }}
      >
        <Stack gap="md">
          <TextInput
            label="Code"
            description="The code that `otherthing login` shows in your terminal."
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            classNames={{ input: 'ot-mono' }}
            autoComplete="off"
            required
          />
          <Button type="submit">Continue</Button>
        </Stack>
      </form>
    </Panel>
  );
}

function Confirm(props: { code: string }) {
  const { code } = props;
  const me = useMe();
  const login = useQuery({
    queryKey: ['cli-login', code],
    queryFn: ({ signal }) => api.call(accounts.getCliLogin, { params: { userCode: code }, signal }),
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
  const answer = useMutation({
    mutationFn: (confirm: boolean) =>
      api.call(accounts.postCliConfirm, { params: { userCode: code }, body: { confirm } }),
  });
  if (answer.isSuccess) {
    return (
      <Panel label="Done">
        <Text role="status">
          {answer.variables
            ? 'The CLI is signed in. You can close this page and go back to your terminal.'
            : 'The login was refused. Nothing can be done with this code any more.'}
        </Text>
      </Panel>
    );
  }
  if (login.error) {
    return (
      <Stack>
        <Problem
          title="This code cannot be confirmed"
          error={login.error}
          onRetry={() => void login.refetch()}
        />
        <AskCode />
      </Stack>
    );
  }
  if (!login.data) return null;
  return (
    <Panel label="Confirm">
      <Stack gap="lg">
        <Text>
          A CLI asks to act as <strong>{me?.name}</strong>. Compare the code with the one in your terminal.
        </Text>
        <Facts
          items={[
            [
              'Code',
              <span key="code" className="ot-mono">
                {code}
              </span>,
            ],
            ['Client', login.data.client],
            [
              'Address',
              <span key="address" className="ot-mono">
                {login.data.address ?? 'unknown'}
              </span>,
            ],
            ['Asked', <When key="asked" at={login.data.createdAt} />],
          ]}
        />
        {answer.error ? <Problem error={answer.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => answer.mutate(false)} disabled={answer.isPending}>
            Refuse
          </Button>
          <Button onClick={() => answer.mutate(true)} loading={answer.isPending}>
            Confirm login
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}
