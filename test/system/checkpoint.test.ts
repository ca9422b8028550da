/** Checkpoints: whole Hugging Face folders that load again as what they were. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readSafetensorsHeader } from '../../src/model/safetensors.js';
import { cli, digest, readLines, TINY, temporaryFolder } from '../kit/cli.js';
import { packageRoot } from '../kit/root.js';

const NANO = join(packageRoot, 'models', 'nano');

t.test('a checkpoint is a policy like the one it came from, with what was learned', async (t) => {
  const cwd = temporaryFolder(t);
  const quick = [...TINY, '--quiet', '--set=learner.learningRate=0.01', '--set=learner.warmupUpdates=0'];
  const first = await cli([...quick, '--run-dir=first'], { cwd });
  t.equal(first.code, 0, first.stderr);
  const folder = join(cwd, 'first', 'checkpoints', 'update-000002');

  t.test('its folder is complete', async (t) => {
    const files = readdirSync(NANO).filter((name) => name !== 'README.md');
    t.same(readdirSync(folder).sort(), files.sort());
    t.same(readdirSync(join(folder, '..')), ['update-000002'], 'nothing temporary is left');
    t.ok(files.includes('config.json'));
    for (const name of files.filter((name) => name.endsWith('.json')))
      t.equal(digest(folder, name), digest(NANO, name), name);
    t.not(digest(folder, 'model.safetensors'), digest(NANO, 'model.safetensors'));
    const [saved, original] = [folder, NANO].map((from) =>
      readSafetensorsHeader(join(from, 'model.safetensors')),
    );
    t.same([...saved!.slots.keys()].sort(), [...original!.slots.keys()].sort());
    t.match(saved!.metadata, { format: 'pt' }, 'without which transformers refuses it');
  });

  t.test('it starts where the run ended', async (t) => {
    const model = '--set=model=first/checkpoints/update-000002';
    const second = await cli([...quick, '--updates=1', model, '--run-dir=second'], { cwd });
    t.equal(second.code, 0, second.stderr);
    const ended = readLines(cwd, 'first', 'samples', 'evaluation-000002.jsonl');
    t.strictSame(readLines(cwd, 'second', 'samples', 'evaluation-000000.jsonl'), ended);
    const began = readLines(cwd, 'first', 'samples', 'evaluation-000000.jsonl');
    t.notSame(began, ended, 'which is not where it began');
    const summaries = ['first', 'second'].map((run) =>
      JSON.parse(readFileSync(join(cwd, run, 'summary.json'), 'utf8')),
    );
    t.strictSame(summaries[1].before, summaries[0].after);
  });
});
