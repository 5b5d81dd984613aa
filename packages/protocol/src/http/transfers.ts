import { z } from 'zod';
import { Sha256 } from '../ids.ts';
import { defineRoute } from './route.ts';

/** Bytes between an agent and its orchestrator, with the transfer token of one attempt as bearer token. */
const Params = z.object({ sha256: Sha256 });

export const getInput = defineRoute({
  id: 'getInput',
  method: 'GET',
  path: '/api/node/v1/inputs/:sha256',
  summary: 'One input file of the attempt; takes Range',
  access: 'transfer',
  params: Params,
  reply: 'bytes',
  errors: ['blob_not_found'],
});
export const headArtifactUpload = defineRoute({
  id: 'headArtifactUpload',
  method: 'HEAD',
  path: '/api/node/v1/artifacts/:sha256',
  summary: 'How much of an artifact is there',
  access: 'transfer',
  params: Params,
  reply: 'empty',
});
export const putArtifactUpload = defineRoute({
  id: 'putArtifactUpload',
  method: 'PUT',
  path: '/api/node/v1/artifacts/:sha256',
  summary: 'Upload an artifact or the rest of it',
  access: 'transfer',
  params: Params,
  query: z.object({
    offset: z.coerce.number().int().min(0).default(0),
    size: z.coerce.number().int().min(0),
  }),
  body: 'bytes',
  reply: z.object({ complete: z.boolean(), offset: z.number().int() }),
  errors: ['upload_offset', 'blob_mismatch', 'quota_exceeded', 'disk_full'],
});
