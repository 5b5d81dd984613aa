import { ERRORS, ErrorBody, type ErrorCode } from '@otherthing/protocol/errors';
import { ROUTES, type Route } from '@otherthing/protocol/http';
import { PRODUCT_VERSION } from '@otherthing/protocol/version';
import { type ZodType, z } from 'zod';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of all route contracts; deterministic, so that the committed copy can be compared. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  const schemas: Record<string, unknown> = {};
  const toSchema = (schema: ZodType, io: 'input' | 'output') => collect(schema, io, schemas);
  for (const route of ROUTES) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(route, toSchema);
  }
  toSchema(ErrorBody, 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'OtherThing',
      version: PRODUCT_VERSION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: sorted(paths),
    components: {
      schemas: sorted(schemas),
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'otherthing.session_token' },
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'access token (ot_...) or CLI session (ots_...)',
        },
        transfer: {
          type: 'http',
          scheme: 'bearer',
          description: 'token of one attempt, given to the agent with the assignment',
        },
      },
    },
  };
}

type ToSchema = (schema: ZodType, io: 'input' | 'output') => unknown;

function operation(route: Route, toSchema: ToSchema): Json {
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [
      route.path.split('/')[3] === 'workspaces'
        ? (route.path.split('/')[5] ?? 'workspaces')
        : (route.path.split('/')[3] ?? 'health'),
    ],
    ...security(route),
    parameters: parameters(route, toSchema),
    ...requestBody(route, toSchema),
    responses: { ...success(route, toSchema), ...failures(route) },
  };
}

function security(route: Route): Json {
  if (route.access === 'none') return { security: [] };
  if (route.access === 'transfer') return { security: [{ transfer: [] }] };
  if (route.access === 'user') return { security: [{ session: [] }, { token: [] }] };
  return {
    security: [{ session: [] }, { token: [] }],
    'x-role': route.access.role,
    'x-scope': route.access.scope,
  };
}

function parameters(route: Route, toSchema: ToSchema): Json[] {
  const list: Json[] = [];
  for (const [place, schema] of [
    ['path', route.params],
    ['query', route.query],
  ] as const) {
    if (!schema) continue;
    const object = toSchema(schema, 'input') as { properties?: Record<string, Json>; required?: string[] };
    for (const [name, value] of Object.entries(object.properties ?? {})) {
      list.push({
        name,
        in: place,
        required: place === 'path' || (object.required ?? []).includes(name),
        schema: value,
      });
    }
  }
  if (route.idempotent) {
    list.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      schema: { type: 'string', minLength: 1, maxLength: 200 },
    });
  }
  return list;
}

function requestBody(route: Route, toSchema: ToSchema): Json {
  if (!route.body) return {};
  const content =
    route.body === 'bytes'
      ? { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
      : { 'application/json': { schema: toSchema(route.body, 'input') } };
  return { requestBody: { required: true, content } };
}

function success(route: Route, toSchema: ToSchema): Json {
  if (route.reply === 'empty') return { 204: { description: 'Done' } };
  const content =
    route.reply === 'bytes'
      ? { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
      : { 'application/json': { schema: toSchema(route.reply, 'output') } };
  return { [route.status ?? 200]: { description: 'OK', content } };
}

function failures(route: Route): Json {
  const codes: ErrorCode[] = [
    'bad_request',
    'internal',
    'rate_limited',
    ...(route.access === 'none' ? [] : (['unauthorized', 'forbidden'] as const)),
    ...(route.errors ?? []),
  ];
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes))
    byStatus.set(ERRORS[code].status, [...(byStatus.get(ERRORS[code].status) ?? []), code]);
  const body = { 'application/json': { schema: { $ref: '#/components/schemas/ErrorBody' } } };
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [status, { description: list.join(', '), content: body }]),
  );
}

/** JSON schema of one zod schema; named parts (`meta({ id })`) move to `components` and are referenced. */
function collect(schema: ZodType, io: 'input' | 'output', schemas: Record<string, unknown>): unknown {
  const raw = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    reused: 'inline',
  }) as Json;
  const { $schema: _schema, $defs, ...rest } = raw;
  const suffix = io === 'input' ? 'Input' : '';
  for (const [name, definition] of Object.entries(($defs as Json | undefined) ?? {})) {
    const { $schema: _inner, id: _id, ...body } = definition as Json;
    schemas[`${name}${suffix}`] = relink(body, suffix);
  }
  const id = z.globalRegistry.get(schema)?.id;
  if (!id) return relink(rest, suffix);
  const { id: _id, ...body } = rest;
  schemas[`${id}${suffix}`] = relink(body, suffix);
  return { $ref: `#/components/schemas/${id}${suffix}` };
}

function relink(value: unknown, suffix: string): unknown {
  if (Array.isArray(value)) return value.map((item) => relink(item, suffix));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === '$ref' && typeof inner === 'string'
        ? [key, inner.replace(/^#\/\$defs\/(.+)$/, `#/components/schemas/$1${suffix}`)]
        : [key, relink(inner, suffix)],
    ),
  );
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
