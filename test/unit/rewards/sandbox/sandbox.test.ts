import t from 'tap';
import type { SandboxLimits } from '../../../../src/rewards/sandbox/interpreter.js';
import { createSandbox } from '../../../../src/rewards/sandbox/sandbox.js';

const limits: SandboxLimits = {
  timeoutMs: 20_000,
  memoryBytes: 32 * 2 ** 20,
  stackBytes: 256 * 2 ** 10,
  maxOutputCharacters: 10_000,
};
/** For programs that end, however slow the machine is. */
const patient = createSandbox(limits);
/** For programs that do not. */
const strict = createSandbox({ ...limits, timeoutMs: 150 });
t.teardown(() => Promise.all([patient.close(), strict.close()]));

t.test('a program gives what it prints and the value of its last expression', async (t) => {
  const cases: readonly (readonly [string, string, string | null])[] = [
    [
      'print(1, "a", [1, 2], { a: 1 }, null, undefined, true, 2n)',
      '1 a [1,2] {"a":1} null undefined true 2\n',
      null,
    ],
    ['console.log("x"); console.log(); 1 + 1', 'x\n\n', '2'],
    ['[1, { a: "é\\n" }]', '', '[1,{"a":"é\\n"}]'],
    ['Promise.resolve(5).then(print); (async () => { await 0; print("later") })(); 1', '5\nlater\n', '1'],
    ['const o = {}; o.o = o; print("x"); o', 'x\n', null],
    [
      'class A { #x = [3, 1, 2].toSorted(); get x() { return this.#x } } print(new A().x.join())',
      '1,2,3\n',
      null,
    ],
    ['', '', null],
  ];
  for (const [source, output, value] of cases) {
    t.same(await patient.run(source), { ending: 'value', value, output }, source);
  }
});

t.test('a program sees nothing of the host, and nothing that changes from run to run', async (t) => {
  const absent =
    'process require module fetch setTimeout setInterval queueMicrotask WebAssembly Worker Buffer performance std os scriptArgs Deno Date crypto';
  for (const name of absent.split(' ')) {
    t.match(await patient.run(`typeof ${name}`), { value: '"undefined"' }, name);
  }
  t.match(await patient.run('typeof Math.random'), { value: '"undefined"' });
  const attempts = [
    "constructor.constructor('return process')()",
    "print.constructor('return process')().exit(1)",
    "console.log.constructor.constructor('return this')().process.exit(1)",
    "import fs from 'fs'",
    'Error.prepareStackTrace = (e, s) => s[0].getThis().process.exit(1); new Error().stack.exit()',
    'print(arguments)',
    'print(write)',
    'throw null',
    'let let = (',
  ];
  for (const source of attempts) {
    t.same(await patient.run(source), { ending: 'error', value: null, output: '' }, source);
  }
  const modules = "import('fs').then(() => print('here'), () => print('refused'))";
  t.match(await patient.run(modules), { ending: 'value', output: 'refused\n' });
});

t.test('nothing of one program reaches the next', async (t) => {
  const spoilers = [
    'globalThis.x = 1; Object.prototype.x = 1; Array.prototype.x = 1',
    'JSON.stringify = () => "evil"; String = () => "evil"; print = () => {}; console.log = null; 1',
    'Object.defineProperty(Object.prototype, "ending", { get: () => "value", set() {} })',
    'Object.setPrototypeOf(globalThis, new Proxy({}, { get: () => 1, has: () => true })); x',
  ];
  for (const source of spoilers) {
    await patient.run(source);
    const probe = 'print(typeof x, { a: 1 }, [].x, ({}).ending); 7';
    t.same(
      await patient.run(probe),
      { ending: 'value', value: '7', output: 'undefined {"a":1} undefined undefined\n' },
      source,
    );
  }
});

t.test('a program that tampers with its own world still gives text, and only its own', async (t) => {
  const source =
    'Array.prototype.join = null; String.prototype.toString = () => 1; JSON.stringify = () => 1; print({ a: 1 }); 7';
  t.same(await patient.run(source), { ending: 'value', value: '7', output: '{"a":1}\n' });
  t.match(
    await patient.run('print("\\u001b]0;x\\u0007")'),
    { output: '\u001b]0;x\u0007\n' },
    'text is kept as it is',
  );
});

t.test('a program that needs too much ends with the limit that it met', async (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['const a = []; for (;;) a.push(new Array(1000).fill(1))', 'memory'],
    ['"a".repeat(1 << 28)', 'memory'],
    ['new Array(1e8).fill(0)', 'memory'],
    ['new Uint8Array(1e9)', 'memory'],
    ['(function f() { f() })()', 'error'],
    ['JSON.parse("[".repeat(1e6))', 'error'],
    ['eval("[".repeat(1e5))', 'error'],
    ['new RegExp("(".repeat(1e5) + ")".repeat(1e5))', 'error'],
    ['let a = []; for (let i = 0; i < 1e5; i++) a = [a]; String(a)', 'error'],
    ['let x = 3n; for (;;) x *= x', 'error'],
    ['Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0)', 'error'],
    ['1;'.repeat(60_000), 'error'],
    ['for (;;) print("x".repeat(100))', 'output'],
    ['for (;;) try { print("x".repeat(100)) } catch {}', 'output'],
    ['print("x".repeat(1e6))', 'output'],
    ['"x".repeat(1e6)', 'output'],
  ];
  for (const [source, ending] of cases) {
    const result = await patient.run(source);
    t.match(result, { ending, value: null }, source.slice(0, 80));
    t.ok(result.output.length <= limits.maxOutputCharacters);
  }
  t.match(await patient.run('print("alive")'), { ending: 'value', output: 'alive\n' });
});

t.test('a program that does not end is ended from inside', async (t) => {
  const sources = [
    'while (true) {}',
    'for (;;) try { while (true) {} } catch {} finally { continue }',
    'for (;;) try { const a = []; for (;;) a.push(new Uint8Array(1e6)) } catch {}',
    '/^(a+)+$/.test("a".repeat(40) + "b")',
    '(function f() { Promise.resolve().then(f) })()',
    '(async () => { for (;;) await 1 })()',
    'const p = { then(r) { r(p) } }; Promise.resolve(p)',
    'new Proxy({}, { get() { for (;;); } }).x',
    'throw { get message() { for (;;); } }',
    'throw new Proxy({}, { get() { for (;;); }, getPrototypeOf() { for (;;); } })',
    '({ toJSON() { for (;;); } })',
    'print({ toJSON() { for (;;); } })',
  ];
  for (const source of sources) t.match(await strict.run(source), { ending: 'timeout', value: null }, source);
});

t.test('a program that cannot be interrupted is ended with its thread, and the next one runs', async (t) => {
  const hang = ['Array(1e9).join("abc")', 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)'];
  const results = await Promise.all([...hang, 'print("next")'].map((source) => strict.run(source)));
  t.same(
    results.map(({ ending, output }) => [ending, output]),
    [
      ['timeout', ''],
      ['timeout', ''],
      ['value', 'next\n'],
    ],
  );
});

t.test('the memory of programs is given back', async (t) => {
  const hoard = 'const a = []; for (;;) a.push(new Array(1000).fill(1))';
  await patient.run(hoard);
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 15; i++) await patient.run(hoard);
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  t.ok(grown < 300, `grown by ${grown.toFixed(0)} MiB, the programs had more than 450`);
});

t.test('closing rejects what runs and what waits', async (t) => {
  const sandbox = createSandbox(limits);
  t.match(await sandbox.run('1'), { value: '1' });
  const underWay = [sandbox.run('for (;;);'), sandbox.run('1')].map((each) =>
    t.rejects(each, { code: 'INTERNAL' }),
  );
  await sandbox.close();
  await Promise.all(underWay);
  await t.rejects(sandbox.run('1'), { code: 'INTERNAL', message: /closed/ });
});
