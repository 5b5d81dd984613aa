import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { accounts } from '@otherthing/protocol/http';
import { Panel, Problem } from '@otherthing/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../app/api.ts';
import { notifyDone } from '../../ui/notify.ts';

export const PASSWORD_RULE = 'At least 10 characters.';
export const passwordProblem = (password: string) =>
  password.length < 10 ? 'At least 10 characters.' : null;

export function PasswordForm() {
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { current: '', next: '', again: '' },
    validate: {
      next: passwordProblem,
      again: (again, values) => (again === values.next ? null : 'Differs from the new password.'),
    },
  });
  const change = useMutation({
    mutationFn: ({ current, next }: { current: string; next: string }) =>
      api.call(accounts.postPassword, { body: { current, next } }),
    onSuccess: async () => {
      form.reset();
      notifyDone('The password is changed. All other sessions have ended.');
      await queries.invalidateQueries({ queryKey: ['me', 'sessions'] });
    },
  });
  return (
    <Panel title="Password">
      <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            Changing it ends all your other sessions, also those of CLIs.
          </Text>
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            required
            {...form.getInputProps('current')}
          />
          <PasswordInput
            label="New password"
            description={PASSWORD_RULE}
            autoComplete="new-password"
            required
            {...form.getInputProps('next')}
          />
          <PasswordInput
            label="New password again"
            autoComplete="new-password"
            required
            {...form.getInputProps('again')}
          />
          {change.error ? <Problem error={change.error} /> : null}
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
