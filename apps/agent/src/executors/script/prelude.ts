/**
 * Runs inside the engine before the script: builds the small API on three host functions. `write(fd, text)` prints,
 * `call(op, name, data)` asks the agent, `failed()` tells why the last call was refused.
 */
export const PRELUDE = `
(function (host, environment, stringify) {
  const text = (value) => {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return value.name + ': ' + value.message + (value.stack ? '\\n' + value.stack.trimEnd() : '');
    if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return String(value);
    try { const json = stringify(value); return json === undefined ? String(value) : json; } catch (error) { return String(value); }
  };
  const print = (fd) => (...values) => { host.write(fd, values.map(text).join(' ') + '\\n'); };
  const call = (op, name, data) => {
    const answer = host.call(op, String(name), data);
    if (answer === null) throw new Error(host.failed());
    return answer;
  };
  const bytesOf = (data) => {
    if (data instanceof ArrayBuffer) return data;
    if (ArrayBuffer.isView(data)) return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
    throw new TypeError('writeBytes takes a Uint8Array or an ArrayBuffer');
  };
  const define = (name, value) => Object.defineProperty(globalThis, name, { value: Object.freeze(value), enumerable: true });
  define('console', { log: print(1), info: print(1), debug: print(1), error: print(2), warn: print(2) });
  define('env', environment);
  define('files', {
    list: () => JSON.parse(call('list', '', undefined)),
    readText: (name) => call('readText', name, undefined),
    readBytes: (name) => new Uint8Array(call('readBytes', name, undefined)),
  });
  define('output', {
    writeText: (name, value) => { call('writeText', name, String(value)); },
    writeBytes: (name, data) => { call('writeBytes', name, bytesOf(data)); },
  });
})
`;
