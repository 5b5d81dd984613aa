import { Checkbox, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { labelsProblem } from '../labels.ts';

export type JoinChoice = {
  name: string;
  expiresInSeconds: string;
  reusable: boolean;
  preApproved: boolean;
  labels: string;
};

const EXPIRY = [
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
  { value: '2592000', label: '30 days' },
];

export function useJoinChoice() {
  return useForm<JoinChoice>({
    initialValues: { name: '', expiresInSeconds: '86400', reusable: false, preApproved: true, labels: '' },
    validate: { labels: labelsProblem },
  });
}

/** What a join token may do. */
export function JoinOptions(props: { form: UseFormReturnType<JoinChoice> }) {
  const { form } = props;
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput
          label="Name of the token"
          placeholder="join token"
          maxLength={80}
          {...form.getInputProps('name')}
        />
        <Select
          label="Valid for"
          data={EXPIRY}
          allowDeselect={false}
          {...form.getInputProps('expiresInSeconds')}
        />
      </SimpleGrid>
      <TextInput
        label="Labels for nodes that join with it"
        placeholder="rack=3 room=b"
        classNames={{ input: 'ot-mono' }}
        {...form.getInputProps('labels')}
      />
      <Checkbox
        label="For any number of machines"
        description="Otherwise the first machine uses it up."
        {...form.getInputProps('reusable', { type: 'checkbox' })}
      />
      <Checkbox
        label="Approve these machines already"
        description="Otherwise an admin approves each one under Nodes."
        {...form.getInputProps('preApproved', { type: 'checkbox' })}
      />
    </Stack>
  );
}
