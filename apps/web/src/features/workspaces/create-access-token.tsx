import { Button, Checkbox, Group, Modal, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { SCOPES, type Scope, workspaces } from '@otherthing/protocol/http';
import { CommandLine, Problem } from '@otherthing/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../app/api.ts';

const EXPIRY = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'never', label: 'Never' },
];

/** Makes a token and shows its text, which is never shown again. */
export function CreateAccessToken(props: { workspaceId: string; opened: boolean; onClose: () => void }) {
  const [text, setText] = useState<string>();
  const close = () => {
    setText(undefined);
    props.onClose();
  };
  return (
    <Modal
      opened={props.opened}
      onClose={close}
      title={text ? 'Your access token' : 'Make an access token'}
      size="lg"
    >
      {text ? (
        <Stack gap="md">
          <Text size="sm">Copy it now: it is shown only this once. Keep it like a password.</Text>
          <CommandLine command={text} label="Copy token" />
          <Group justify="flex-end">
            <Button onClick={close}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <TokenForm workspaceId={props.workspaceId} onMade={setText} />
      )}
    </Modal>
  );
}

function TokenForm(props: { workspaceId: string; onMade: (text: string) => void }) {
  const { workspaceId } = props;
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>([
    'jobs:read',
    'jobs:write',
    'files:read',
    'files:write',
    'nodes:read',
  ]);
  const [expiry, setExpiry] = useState<string>('90');
  const make = useMutation({
    mutationFn: () =>
      api.call(workspaces.postAccessToken, {
        params: { workspaceId },
        body: { name, scopes: scopes as Scope[], expiresInDays: expiry === 'never' ? null : Number(expiry) },
      }),
    onSuccess: async ({ text }) => {
      await queries.invalidateQueries({ queryKey: [workspaceId, 'access-tokens'] });
      props.onMade(text);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Token name"
          description="What will use it."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={80}
          required
          data-autofocus
        />
        <Checkbox.Group label="Scopes" value={scopes} onChange={setScopes}>
          <SimpleGrid cols={{ base: 1, xs: 2 }} mt="xs" spacing="sm">
            {SCOPES.map((scope) => (
              <Checkbox key={scope} value={scope} label={<span className="ot-mono">{scope}</span>} />
            ))}
          </SimpleGrid>
        </Checkbox.Group>
        <Select
          label="Expires after"
          data={EXPIRY}
          value={expiry}
          onChange={(value) => setExpiry(value ?? '90')}
          allowDeselect={false}
        />
        {make.error ? <Problem error={make.error} /> : null}
        <Group justify="flex-end">
          <Button type="submit" loading={make.isPending} disabled={scopes.length === 0}>
            Make token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
