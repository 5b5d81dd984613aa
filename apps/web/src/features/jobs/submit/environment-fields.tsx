import { ActionIcon, Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { Panel } from '@otherthing/ui';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { type Draft, newPair, type Pair } from './draft.ts';
import styles from './submit.module.css';

/** Variables in the open, and secrets that are sealed and blotted out of the output. */
export function EnvironmentFields(props: { draft: Draft; change: (part: Partial<Draft>) => void }) {
  const { draft, change } = props;
  return (
    <Panel title="Environment">
      <Stack gap="lg">
        <Pairs
          noun="variable"
          about="Anybody who sees the job sees these."
          pairs={draft.env}
          onChange={(env) => change({ env })}
        />
        <Pairs
          noun="secret"
          about="Stored sealed, given to the job only at its start, blotted out of its output. The owner of the node can read what runs there."
          pairs={draft.secrets}
          onChange={(secrets) => change({ secrets })}
          hidden
        />
      </Stack>
    </Panel>
  );
}

function Pairs(props: {
  noun: 'variable' | 'secret';
  about: string;
  pairs: readonly Pair[];
  onChange: (pairs: Pair[]) => void;
  hidden?: boolean;
}) {
  const { noun, pairs, onChange } = props;
  const set = (key: string, part: Partial<Pair>) =>
    onChange(pairs.map((pair) => (pair.key === key ? { ...pair, ...part } : pair)));
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {noun === 'variable' ? 'Variables. ' : 'Secrets. '}
        {props.about}
      </Text>
      {pairs.map((pair) => (
        <div key={pair.key} className={styles.pair}>
          <TextInput
            aria-label={`Name of ${noun}`}
            placeholder="NAME"
            value={pair.name}
            onChange={(event) => set(pair.key, { name: event.currentTarget.value })}
            classNames={{ input: 'ot-mono' }}
            spellCheck={false}
          />
          <Value noun={noun} pair={pair} hidden={props.hidden === true} set={set} />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove ${noun} ${pair.name}`}
            onClick={() => onChange(pairs.filter((each) => each.key !== pair.key))}
          >
            <IconTrash size={16} stroke={1.5} />
          </ActionIcon>
        </div>
      ))}
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} stroke={1.5} />}
          onClick={() => onChange([...pairs, newPair()])}
        >
          Add a {noun}
        </Button>
      </Group>
    </Stack>
  );
}

function Value(props: {
  noun: string;
  pair: Pair;
  hidden: boolean;
  set: (key: string, part: Partial<Pair>) => void;
}) {
  const { pair, set } = props;
  const common = {
    'aria-label': `Value of ${props.noun} ${pair.name}`,
    placeholder: 'value',
    value: pair.value,
    classNames: { input: 'ot-mono' },
    autoComplete: 'off',
  };
  return props.hidden ? (
    <PasswordInput
      {...common}
      autoComplete="new-password"
      onChange={(event) => set(pair.key, { value: event.currentTarget.value })}
    />
  ) : (
    <TextInput {...common} onChange={(event) => set(pair.key, { value: event.currentTarget.value })} />
  );
}
