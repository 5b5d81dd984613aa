import { ActionIcon, Button, Group, Loader, Switch, TextInput, Tooltip } from '@mantine/core';
import { bytes } from '@otherthing/ui';
import { IconArrowDown, IconArrowUp, IconBug, IconDownload, IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useState } from 'react';
import { downloadOutput } from './download.ts';
import styles from './output.module.css';
import type { OutputPlace, OutputSource } from './output-source.ts';
import { useTask } from './use-output.ts';

type Props = {
  wrap: boolean;
  setWrap: (wrap: boolean) => void;
  follow: boolean;
  setFollow: (follow: boolean) => void;
  query: string;
  setQuery: (query: string) => void;
  onSearch: (step: 1 | -1) => void;
  onFirstError: () => void;
  search: { task: { busy: boolean } };
  source: OutputSource;
  place: OutputPlace;
  name: string;
  long: boolean;
};

/** Search, jump, follow, wrap, download. */
export function OutputBar(props: Props) {
  return (
    <div className={styles.bar}>
      <SearchField {...props} />
      <Group gap="md">
        <Switch
          size="sm"
          label="Follow"
          checked={props.follow}
          onChange={(event) => props.setFollow(event.currentTarget.checked)}
        />
        <Switch
          size="sm"
          label="Wrap"
          checked={props.wrap}
          onChange={(event) => props.setWrap(event.currentTarget.checked)}
        />
        {props.long ? <Ends source={props.source} setFollow={props.setFollow} /> : null}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconBug size={14} stroke={1.5} />}
          onClick={props.onFirstError}
        >
          First error
        </Button>
        <Download place={props.place} name={props.name} />
      </Group>
    </div>
  );
}

function SearchField(props: Props) {
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && props.query) {
      event.preventDefault();
      props.onSearch(event.shiftKey ? -1 : 1);
    }
  };
  return (
    <Group gap={4} wrap="nowrap" className={styles.search}>
      <TextInput
        size="xs"
        aria-label="Search in the output"
        placeholder="Search in the output"
        leftSection={<IconSearch size={14} stroke={1.5} />}
        rightSection={props.search.task.busy ? <Loader size={14} /> : null}
        value={props.query}
        onChange={(event) => props.setQuery(event.currentTarget.value)}
        onKeyDown={keys}
        flex={1}
      />
      <Tooltip label="Previous match (Shift Enter)">
        <ActionIcon
          variant="default"
          aria-label="Previous match"
          disabled={!props.query}
          onClick={() => props.onSearch(-1)}
        >
          <IconArrowUp size={14} stroke={1.5} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Next match (Enter)">
        <ActionIcon
          variant="default"
          aria-label="Next match"
          disabled={!props.query}
          onClick={() => props.onSearch(1)}
        >
          <IconArrowDown size={14} stroke={1.5} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

/** For outputs that are not held as a whole. */
function Ends(props: { source: OutputSource; setFollow: (follow: boolean) => void }) {
  return (
    <Button.Group>
      <Button
        size="xs"
        variant="default"
        onClick={() => {
          props.setFollow(false);
          props.source.start({ from: 0 });
        }}
      >
        Start
      </Button>
      <Button
        size="xs"
        variant="default"
        onClick={() => {
          props.source.start({ tail: 1_048_576 });
          props.setFollow(true);
        }}
      >
        End
      </Button>
    </Button.Group>
  );
}

function Download(props: { place: OutputPlace; name: string }) {
  const task = useTask();
  const [done, setDone] = useState(0);
  if (task.busy) {
    return (
      <Button size="xs" variant="default" onClick={task.cancel}>
        Cancel download, {bytes(done)}
      </Button>
    );
  }
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconDownload size={14} stroke={1.5} />}
      onClick={() =>
        void task.run((signal) =>
          downloadOutput(props.place, { name: props.name, signal, onProgress: setDone }),
        )
      }
    >
      {task.error ? 'Download again' : 'Download'}
    </Button>
  );
}
