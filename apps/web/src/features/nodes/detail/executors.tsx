import { Stack, Text } from '@mantine/core';
import type { Node } from '@otherthing/protocol/http';
import { Panel } from '@otherthing/ui';

const WORDS = {
  sandbox: 'in a sandbox',
  script: 'in an interpreter without system access',
  none: 'without a sandbox',
};

/** Which kinds of job it takes, and why not the others. */
export function Executors(props: { node: Node }) {
  const { executors } = props.node;
  return (
    <Panel title="Kinds of job">
      <Stack gap="md">
        {executors.length === 0 ? <Text size="sm">The agent has not said yet what it can run.</Text> : null}
        {executors.map((each) => (
          <div key={each.kind}>
            <Text fw={500}>
              {each.kind === 'process' ? 'Process jobs' : 'Script jobs'}:{' '}
              {each.available ? (each.isolation ? WORDS[each.isolation] : 'offered') : 'not offered'}
            </Text>
            {each.reason ? <Text size="sm">{each.reason}</Text> : null}
            {each.hint ? (
              <Text size="sm" c="dimmed">
                {each.hint}
              </Text>
            ) : null}
            {each.notes.map((note) => (
              <Text key={note} size="sm" c="dimmed">
                {note}
              </Text>
            ))}
          </div>
        ))}
      </Stack>
    </Panel>
  );
}
