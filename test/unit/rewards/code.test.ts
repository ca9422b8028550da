import t from 'tap';
import { completionText } from '../../../src/data/prompt.js';
import type { ScoringItem } from '../../../src/protocol/index.js';
import { programOf, scorePrograms } from '../../../src/rewards/code.js';
import { createSandbox } from '../../../src/rewards/sandbox/sandbox.js';

const sandbox = createSandbox({
  timeoutMs: 300,
  memoryBytes: 32 * 2 ** 20,
  stackBytes: 256 * 2 ** 10,
  maxOutputCharacters: 10_000,
});
t.teardown(() => sandbox.close());
const item = (program: string, answer = '[2, 3, 5]'): ScoringItem => ({
  completion: completionText('I try.', program),
  answer,
  question: 'Write a JavaScript program that prints the primes below 6 as a list.',
  type: 'code',
  domain: 'javascript',
});
const scores = (...batch: ScoringItem[]): Promise<number[]> => scorePrograms(sandbox, batch);

t.test('a program is the answer, or the only fenced block in it', async (t) => {
  t.equal(programOf('print(1)'), 'print(1)');
  t.equal(programOf('```js\nprint(1)\n```'), 'print(1)\n');
  t.equal(programOf('Here:\n```\nprint(1)\n```\nDone.'), 'print(1)\n');
  t.equal(programOf('```js\nprint(1)\n```\n```js\nprint(2)\n```'), null);
  t.equal(programOf('```js\nprint(1)'), null);
  t.equal(programOf('```print(1)```'), null);
});

t.test('a program that prints the gold answer earns 1, any other 0', async (t) => {
  const right = 'console.log([2, 3, 4, 5].filter((n) => n !== 4))';
  t.same(await scores(item(right), item(`\`\`\`js\n${right}\n\`\`\``)), [1, 1]);
  t.same(await scores(item('print(1); print(2)', '1\n2'), item('print(0.5)', '1/2')), [1, 1]);
  t.same(
    await scores(
      item('print([2, 3])'),
      item('[2, 3, 5]'),
      item('print([2, 3, 5]); throw 1'),
      item('print([2, 3, 5]'),
      item('print("[2, 3, 5] or [2, 3]")'),
      item('', ''),
      { ...item(right), completion: right },
      { ...item(right), completion: `${completionText('a', right)}${completionText('a', right)}` },
    ),
    [0, 0, 0, 0, 0, 0, 0, 0],
  );
});

t.test('problems that ask for no program are not run', async (t) => {
  const program = item('print([2, 3, 5]); for (;;);');
  const python = { ...item('print([2, 3, 5])'), domain: 'python' };
  const { domain: _domain, ...bare } = item('print([2, 3, 5])');
  t.same(await scores({ ...program, type: 'math' }, python, bare), [0, 0, 0]);
});

t.test('a completion that hangs, floods or breaks out costs itself alone', async (t) => {
  const good = item('print([2, 3, 5])');
  const attacks = [
    'print([2, 3, 5]); while (true) {}',
    'Array(1e9).join("abc"); print([2, 3, 5])',
    'print([2, 3, 5]); const a = []; for (;;) a.push(new Array(1000).fill(1))',
    'print([2, 3, 5]); (function f() { f() })()',
    "constructor.constructor('return process')().exit(0)",
    'for (;;) print([2, 3, 5])',
    'Object.prototype.outcome = "value"; Object.prototype.output = "[2, 3, 5]"; throw 1',
  ];
  const batch = attacks.flatMap((attack) => [item(attack), good]);
  t.same(
    await scores(...batch),
    attacks.flatMap(() => [0, 1]),
  );
});

t.test('where the sandbox itself fails nothing is scored', async (t) => {
  const closed = createSandbox({
    timeoutMs: 300,
    memoryBytes: 2 ** 24,
    stackBytes: 2 ** 18,
    maxOutputCharacters: 100,
  });
  await closed.close();
  t.same(await scorePrograms(closed, [item('print([2, 3, 5])'), { completion: '', answer: '1' }]), [
    Number.NaN,
    0,
  ]);
});
