import assert from 'node:assert/strict';
import test from 'node:test';
import { ROUTES } from '@otherthing/protocol/http';
import { openApiDocument } from './openapi.ts';

type Operation = {
  operationId: string;
  parameters: { name: string; in: string; required: boolean }[];
  responses: Record<string, unknown>;
  security?: Record<string, unknown>[];
};
const document = JSON.parse(JSON.stringify(openApiDocument())) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.values(methods).map((operation) => ({ path, operation })),
);

test('says OpenAPI 3.1 and lists every route once', () => {
  assert.equal(document.openapi, '3.1.0');
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.deepEqual([...ids].sort(), ROUTES.map((route) => route.id).sort());
  assert.equal(new Set(ids).size, ids.length);
});

test('every reference leads somewhere', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '');
  assert(refs.length > 0);
  for (const ref of new Set(refs)) {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(ref)?.[1];
    assert(name && document.components.schemas[name], ref);
  }
});

test('every parameter of a path is declared and required', () => {
  for (const { path, operation } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const declared = operation.parameters.filter((parameter) => parameter.in === 'path');
    assert.deepEqual(declared.map((parameter) => parameter.name).sort(), [...named].sort(), path);
    assert(declared.every((parameter) => parameter.required));
  }
});

test('every operation has a success, an error in the one shape and known security', () => {
  for (const { path, operation } of operations) {
    assert(
      Object.keys(operation.responses).some((status) => status.startsWith('2')),
      path,
    );
    assert.match(JSON.stringify(operation.responses['500']), /ErrorBody/);
    for (const scheme of (operation.security ?? []).flatMap(Object.keys))
      assert(scheme in document.components.securitySchemes, scheme);
  }
});

test('is the same each time', () => {
  assert.equal(JSON.stringify(openApiDocument()), JSON.stringify(openApiDocument()));
});
