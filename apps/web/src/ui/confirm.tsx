import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { Problem } from '@otherthing/ui';
import { useState } from 'react';

/** Asks before something is lost, and names what. The button says the verb; errors show in place. */
export function Confirm(props: {
  opened: boolean;
  onClose: () => void;
  title: string;
  lost: string;
  verb: string;
  act: () => Promise<unknown>;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const close = () => {
    setError(undefined);
    props.onClose();
  };
  const act = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await props.act();
      close();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={props.opened} onClose={close} title={props.title}>
      <Stack gap="lg">
        <Text size="sm">{props.lost}</Text>
        {error ? <Problem error={error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Keep
          </Button>
          <Button color="red" loading={busy} onClick={() => void act()}>
            {props.verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
