import type { JobSummary } from '@otherthing/protocol/http';

/** The rows as CSV (RFC 4180). Cells that a spreadsheet would run as a formula get a leading apostrophe. */
export function jobsAsCsv(jobs: readonly JobSummary[]): string {
  const head = [
    'id',
    'name',
    'kind',
    'state',
    'node',
    'by',
    'submitted',
    'started',
    'ended',
    'exit code',
    'failure',
  ];
  const rows = jobs.map((job) => [
    job.id,
    job.name,
    job.kind,
    job.state,
    job.node?.name,
    job.createdBy.name,
    job.createdAt,
    job.startedAt,
    job.endedAt,
    job.exitCode,
    job.failure?.message,
  ]);
  return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n');
}

function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
