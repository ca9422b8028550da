/** `pretrain`: from nothing to a policy folder that a run can start from. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { heldOutProblems } from '../../src/evaluation/problems.js';
import { cli, digest, parseLines, readLines, TINY, temporaryFolder } from '../kit/cli.js';

const FILES = [
  'README.md',
  'config.json',
  'model.safetensors',
  'special_tokens_map.json',
  'tokenizer.json',
  'tokenizer_config.json',
];

t.test('pretrain writes a policy that is a function of seed and tokens', async (t) => {
  const cwd = temporaryFolder(t);
  // What a run that was cut short left behind is no hindrance.
  mkdirSync(join(cwd, 'plain.untrained', 'old'), { recursive: true });
  const args = ['pretrain', '--tokens=20000', '--seed=3', '--threads=1'];
  const [plain, json] = await Promise.all([
    cli([...args, '--out=plain'], { cwd }),
    cli([...args, '--out=deep/json', '--json'], { cwd }),
  ]);
  t.match(plain, { code: 0, stdout: '' });
  t.match(plain.stderr, /^Wrote .*plain: 2\d{4} tokens in 0:\d\d, held-out greedy accuracy \d+\.\d %\n$/);
  t.match({ code: json.code, stderr: json.stderr }, { code: 0, stderr: '' });
  const lines = parseLines(json.stdout);
  t.match(lines.at(-1), {
    type: 'pretrain.summary',
    directory: join(cwd, 'deep', 'json'),
    seed: 3,
    accuracy: Number,
    formatCompliance: Number,
  });
  t.same(readdirSync(cwd).sort(), ['deep', 'plain'], 'nothing temporary is left');
  t.same(readdirSync(join(cwd, 'plain')).sort(), FILES);
  for (const name of FILES.slice(1))
    t.equal(digest(cwd, 'plain', name), digest(cwd, 'deep', 'json', name), name);
  const card = readFileSync(join(cwd, 'plain', 'README.md'), 'utf8');
  t.match(card, 'node dist/run.js pretrain --seed 3 --tokens 20000', 'the command that makes it again');
  t.match(card, /\| accuracy, held out, greedy \| \d+\.\d % .* (1\d|20) problems with a right answer\) \|/);
  for (const { family } of heldOutProblems(20))
    t.match(
      card,
      new RegExp(`\\| ${family} \\| [1-9]\\d* \\| [-\\d.]+ \\| [-\\d.]+ \\| [-\\d.]+ \\|`),
      family,
    );

  const run = await cli([...TINY, '--updates=1', '--set=model=plain', '--quiet', '--run-dir=run'], { cwd });
  t.equal(run.code, 0, run.stderr);
  t.equal(readLines(cwd, 'run', 'metrics.jsonl').length, 1, 'a run starts from it');
});

t.test('pretrain never writes into a folder that is there', async (t) => {
  const cwd = temporaryFolder(t);
  mkdirSync(join(cwd, 'taken'));
  writeFileSync(join(cwd, 'taken', 'notes.txt'), 'mine');
  const { code, stderr } = await cli(['pretrain', '--tokens=1000', '--out=taken'], { cwd });
  t.equal(code, 2);
  t.match(stderr, /--out .*taken exists already; name a folder that does not, or remove it\n$/);
  t.same(readdirSync(cwd), ['taken']);
  t.same(readdirSync(join(cwd, 'taken')), ['notes.txt']);
  const wrong = await cli(['pretrain', '--tokens=many'], { cwd });
  t.match(wrong, { code: 2, stderr: /--tokens/ });
});
