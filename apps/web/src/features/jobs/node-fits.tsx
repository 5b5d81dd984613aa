import { Text } from '@mantine/core';
import type { NodeFit } from '@otherthing/protocol/http';
import styles from './submit/submit.module.css';

/** Per node, what stands in the way and what would clear it. */
export function NodeFits(props: { nodes: readonly NodeFit[] }) {
  if (props.nodes.length === 0) return null;
  return (
    <ul className={styles.fitList} aria-label="Nodes">
      {props.nodes.map((each) => (
        <li key={each.node.id}>
          <span className="ot-mono">{each.node.name}</span>
          {each.fits ? ': fits' : null}
          {each.reasons.map((reason) => (
            <Text key={reason.code + reason.message} size="sm">
              {reason.message}
              {reason.unblock ? (
                <Text span c="dimmed">
                  {' '}
                  {reason.unblock}
                </Text>
              ) : null}
            </Text>
          ))}
        </li>
      ))}
    </ul>
  );
}
