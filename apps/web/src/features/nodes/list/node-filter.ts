import type { Filter, FilterField } from '../../../ui/filter/filter.ts';
import type { NodeListQuery } from '../queries.ts';

export const NODE_FIELDS: readonly FilterField[] = [
  { key: 'state', about: 'connection', values: ['online', 'offline'] },
  {
    key: 'membership',
    about: 'consent',
    values: ['approved', 'waiting_for_admin', 'waiting_for_owner'],
  },
  { key: 'label', about: 'key or key=value', values: [], open: true },
];

/** The filter as the API takes it: one value each. */
export function nodeListQuery(filter: Filter): NodeListQuery {
  const one = (key: string) => filter.terms[key]?.at(-1);
  return {
    state: one('state') as NodeListQuery['state'],
    membership: one('membership') as NodeListQuery['membership'],
    label: one('label'),
    q: filter.words || undefined,
  };
}
