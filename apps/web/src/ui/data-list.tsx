import { Table } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import styles from './data-list.module.css';

export type Column<Row> = {
  readonly key: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers stand to the right. */
  readonly right?: boolean;
};

/** Rows as a table, or as cards where the screen is too narrow for one. The first column names the row. */
export function DataList<Row>(props: {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
}) {
  const cards = useMediaQuery('(max-width: 37.49em)', false, { getInitialValueInEffect: false });
  return cards ? <Cards {...props} /> : <Rows {...props} />;
}

type Props<Row> = Parameters<typeof DataList<Row>>[0];

function Rows<Row>(props: Props<Row>) {
  return (
    <Table.ScrollContainer minWidth={640} type="native">
      <Table aria-label={props.label} className={styles.table} verticalSpacing={10} horizontalSpacing={12}>
        <Table.Thead>
          <Table.Tr>
            {props.columns.map((column) => (
              <Table.Th key={column.key} scope="col" className={column.right ? styles.right : undefined}>
                {column.header}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.rows.map((row) => (
            <Table.Tr key={props.rowKey(row)}>
              {props.columns.map((column) => (
                <Table.Td key={column.key} className={column.right ? styles.right : undefined}>
                  {column.cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Cards<Row>(props: Props<Row>) {
  const [first, ...rest] = props.columns;
  return (
    <ul className={styles.cards} aria-label={props.label}>
      {props.rows.map((row) => (
        <li key={props.rowKey(row)} className={styles.card}>
          <div className={styles.cardHead}>{first?.cell(row)}</div>
          <dl className={styles.cardFacts}>
            {rest.map((column) => (
              <div key={column.key}>
                <dt>{column.header}</dt>
                <dd>{column.cell(row)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}
