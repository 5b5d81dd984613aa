import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { writeLabels } from '../../nodes/labels.ts';
import { jobQuery } from '../queries.ts';
import { type Draft, draftOf, EMPTY_DRAFT } from './draft.ts';
import type { Writing } from './draft-store.ts';
import { exampleJob } from './examples.ts';

/** Fills the form once from what the address names: an earlier job, or an example. */
export function useFilledDraft(
  workspaceId: string,
  writing: Writing,
  search: { readonly from?: string | undefined; readonly example?: string | undefined },
) {
  const { from, example } = search;
  const job = useQuery({ ...jobQuery(workspaceId, from ?? ''), enabled: from !== undefined });
  const data = job.data;
  useEffect(() => {
    const source = from ?? example;
    if (source === undefined || writing.source === source) return;
    if (from && data) {
      writing.reset(draftOf(data.spec, writeLabels(data.spec.placement.labels)));
      writing.uploads.addStored(data.spec.inputs);
      writing.source = source;
    } else if (!from && (example === 'process' || example === 'script')) {
      writing.reset(exampleDraft(example));
      writing.source = source;
    }
  }, [from, example, data, writing]);
  return job;
}

function exampleDraft(kind: 'process' | 'script'): Draft {
  const { spec } = exampleJob(kind);
  const common = { ...EMPTY_DRAFT, name: spec.name ?? '', memoryMb: 256, runSeconds: 300 };
  return spec.kind === 'script'
    ? { ...common, kind: 'script', source: spec.source }
    : { ...common, kind: 'shell', shell: spec.command[2] ?? '' };
}
