/** The dry run's table and record. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { configRecord, renderConfigTable } from '../../../../src/cli/views/dry-run.js';
import { KEYS } from '../../../../src/config/keys.js';
import { resolveConfig } from '../../../../src/config/resolve.js';

t.test('the table has one line per key with its value and source', async (t) => {
  const resolved = resolveConfig({ sets: [['learner.beta', '0.5']] });
  const lines = renderConfigTable(resolved, false).trimEnd().split('\n');
  t.equal(lines.length, KEYS.size + 1);
  t.match(
    lines.find((line) => line.startsWith('learner.beta ')),
    /^learner\.beta +0\.5 +--set$/,
  );
  t.match(
    lines.find((line) => line.startsWith('updates ')),
    /^updates +120 +default$/,
  );
});

t.test('the table carries no escape code of a value', async (t) => {
  const resolved = resolveConfig({ sets: [['model', '\u001b]0;x\u0007evil\u202e']] });
  t.notMatch(renderConfigTable(resolved, false), /[\u001b\u202e]/);
});

t.test('the printed configuration is itself a configuration file that gives the same', async (t) => {
  const resolved = resolveConfig({ sets: [['learner.loss', 'cispo']], flags: [] });
  const { config } = configRecord(resolved) as { config: object };
  const file = join(t.testdir(), 'again.json');
  writeFileSync(file, JSON.stringify(config));
  t.same(resolveConfig({ file }).config, resolved.config);
});
