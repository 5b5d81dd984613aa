import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { accounts } from '@otherthing/protocol/http';
import { Panel, Problem } from '@otherthing/ui';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../../../app/api.ts';
import { queryClient } from '../../../app/query-client.ts';
import { meQuery, setupQuery } from '../../../app/session.ts';
import { PASSWORD_RULE, passwordProblem } from '../password-form.tsx';

/** Step 1: the first user, by the link that was printed at the start. */
export function AccountStep(props: { token: string | undefined }) {
  return (
    <Panel label="Your account">{props.token ? <AccountForm token={props.token} /> : <NoToken />}</Panel>
  );
}

function NoToken() {
  return (
    <Stack gap="sm">
      <Text fw={600}>Open the setup link</Text>
      <Text size="sm">
        The first account is made by a link that only the machine of the orchestrator shows: it is in the
        terminal where <span className="ot-mono">npm start</span> runs, and each start prints it again until
        it was used.
      </Text>
    </Stack>
  );
}

function AccountForm(props: { token: string }) {
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { name: '', email: '', password: '' },
    validate: { password: passwordProblem },
  });
  const make = useMutation({
    mutationFn: (values: { name: string; email: string; password: string }) =>
      api.call(accounts.postSetup, { body: { token: props.token, ...values } }),
    onSuccess: async (user) => {
      queryClient.setQueryData(meQuery.queryKey, user);
      queryClient.setQueryData(setupQuery.queryKey, { needed: false });
      await navigate({ to: '/setup', search: {}, replace: true });
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
      <Stack gap="md">
        <TextInput label="Your name" autoComplete="name" required {...form.getInputProps('name')} />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label="Password"
          description={PASSWORD_RULE}
          autoComplete="new-password"
          required
          {...form.getInputProps('password')}
        />
        {make.error ? <Problem error={make.error} /> : null}
        <Button type="submit" loading={make.isPending}>
          Create account
        </Button>
      </Stack>
    </form>
  );
}
