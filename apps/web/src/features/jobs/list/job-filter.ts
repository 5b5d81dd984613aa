import { JOB_STATES } from '@otherthing/protocol/job-spec';
import type { Filter, FilterField } from '../../../ui/filter/filter.ts';
import type { JobListQuery } from '../queries.ts';

type NamedNode = { readonly id: string; readonly name: string };

export function jobFields(nodes: readonly NamedNode[]): readonly FilterField[] {
  return [
    { key: 'state', about: 'state of the job', values: JOB_STATES },
    { key: 'node', about: 'node it ran on', values: nodes.map((node) => node.name), open: true },
    { key: 'by', about: 'who submitted it', values: ['me'], open: true },
    { key: 'kind', about: 'kind of job', values: ['process', 'script'] },
  ];
}

/** The filter as the API takes it; `problem` when a node's name is nobody's. */
export function jobListQuery(
  filter: Filter,
  nodes: readonly NamedNode[],
): { readonly query: JobListQuery; readonly problem?: string } {
  const one = (key: string) => filter.terms[key]?.at(-1);
  const name = one('node');
  const node = nodes.find((each) => each.name === name || each.id === name);
  const query: JobListQuery = {
    state: filter.terms.state?.join(','),
    node: node?.id,
    by: one('by'),
    kind: one('kind') as JobListQuery['kind'],
    q: filter.words || undefined,
  };
  if (name && !node) return { query, problem: `There is no node ${name} in this workspace.` };
  return { query };
}
