import { jobs } from '@otherthing/protocol/http';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api } from '../../app/api.ts';

export type JobListQuery = {
  readonly state?: string | undefined;
  readonly node?: string | undefined;
  readonly by?: string | undefined;
  readonly kind?: 'process' | 'script' | undefined;
  readonly q?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number;
};

export const jobsQuery = (workspaceId: string, query: JobListQuery) =>
  queryOptions({
    queryKey: [workspaceId, 'jobs', 'list', query],
    queryFn: ({ signal }) => api.call(jobs.listJobs, { params: { workspaceId }, query, signal }),
    placeholderData: keepPreviousData,
  });

export const jobQuery = (workspaceId: string, jobId: string) =>
  queryOptions({
    queryKey: [workspaceId, 'jobs', 'detail', jobId],
    queryFn: ({ signal }) => api.call(jobs.getJob, { params: { workspaceId, jobId }, signal }),
  });

export const whyQuery = (workspaceId: string, jobId: string) =>
  queryOptions({
    queryKey: [workspaceId, 'jobs', 'why', jobId],
    queryFn: ({ signal }) => api.call(jobs.explainJob, { params: { workspaceId, jobId }, signal }),
  });

export const jobCountsQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: [workspaceId, 'jobs', 'counts'],
    queryFn: ({ signal }) => api.call(jobs.getJobCounts, { params: { workspaceId }, signal }),
  });
