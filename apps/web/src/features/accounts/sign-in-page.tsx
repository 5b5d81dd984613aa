import { Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { accounts } from '@otherthing/protocol/http';
import { Panel, Problem } from '@otherthing/ui';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Navigate, useNavigate, useSearch } from '@tanstack/react-router';
import { api } from '../../app/api.ts';
import { queryClient } from '../../app/query-client.ts';
import { forgetPerson, meQuery, setupQuery } from '../../app/session.ts';
import { AuthFrame } from '../../ui/auth-frame.tsx';
import { safeNext } from './next.ts';

/** E-mail and password; goes on to the page that was asked for. */
export function SignInPage() {
  const { next } = useSearch({ strict: false });
  const setup = useQuery(setupQuery);
  const navigate = useNavigate();
  const form = useForm({ initialValues: { email: '', password: '' } });
  const signIn = useMutation({
    mutationFn: (body: { email: string; password: string }) => api.call(accounts.postSignIn, { body }),
    onSuccess: async (user) => {
      forgetPerson();
      queryClient.setQueryData(meQuery.queryKey, user);
      await navigate({ href: safeNext(next) });
    },
  });
  if (setup.data?.needed) return <Navigate to="/setup" />;
  return (
    <AuthFrame title="Sign in">
      <Title order={1}>Sign in</Title>
      <Panel label="Sign in">
        <form onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
          <Stack gap="md">
            <TextInput
              label="E-mail"
              type="email"
              autoComplete="username"
              required
              data-autofocus
              {...form.getInputProps('email')}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              required
              {...form.getInputProps('password')}
            />
            {signIn.error ? <Problem error={signIn.error} /> : null}
            <Button type="submit" loading={signIn.isPending}>
              Sign in
            </Button>
          </Stack>
        </form>
      </Panel>
      <Text size="sm" c="dimmed">
        Password forgotten? On the machine of the orchestrator, run{' '}
        <span className="ot-mono">otherthing-server reset-password</span>.
      </Text>
    </AuthFrame>
  );
}
