/** Where commands write: never over anything. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  absentFolder,
  claimFolder,
  claimNumberedFolder,
  folderNameOf,
} from '../../../src/observe/claim-folder.js';

t.test('a folder that is named is created, or taken if empty', async (t) => {
  const here = t.testdir({ empty: {} });
  for (const name of ['new/deep', 'empty']) {
    t.equal(claimFolder(join(here, name), '--out'), join(here, name));
    t.same(readdirSync(join(here, name)), []);
  }
});

t.test('a folder that holds something, or a file, is refused with the option and its path', async (t) => {
  const here = t.testdir({ taken: { 'notes.txt': 'mine' }, file: 'x' });
  t.throws(() => claimFolder(join(here, 'taken'), '--out'), {
    code: 'CONFIG',
    message: /^--out .*taken is not empty \(it holds notes\.txt\)/,
  });
  t.same(readdirSync(join(here, 'taken')), ['notes.txt']);
  for (const name of ['file', 'file/deep']) {
    t.throws(() => claimFolder(join(here, name), 'runDir'), {
      code: 'CONFIG',
      message: /^runDir .*file.* cannot be created .* new or empty/,
    });
  }
});

t.test('numbered folders count up, and none is shared', async (t) => {
  const here = t.testdir({ row: { 'nano-002': {} } });
  const claim = (): string => claimNumberedFolder(join(here, 'row'), 'nano', 'runDir');
  t.equal(claim(), join(here, 'row', 'nano-001'));
  t.equal(claim(), join(here, 'row', 'nano-003'), 'an empty folder of another is not shared');
  t.throws(() => claimNumberedFolder(join(here, 'row', 'nano-001', '\0'), 'x', 'runDir'), { code: 'CONFIG' });
});

t.test(
  'a folder that appears when complete is not created, and must not be there, not even empty',
  async (t) => {
    const here = t.testdir({ empty: {} });
    t.equal(absentFolder(join(here, 'later'), '--out'), join(here, 'later'));
    t.same(readdirSync(here), ['empty']);
    t.throws(() => absentFolder(join(here, 'empty'), '--out'), {
      code: 'CONFIG',
      message: /^--out .*empty exists already/,
    });
  },
);

t.test('a model path makes a plain folder name', async (t) => {
  t.equal(folderNameOf('models/nano'), 'nano');
  t.equal(folderNameOf('../a b/..evil name/'), 'evil-name');
  t.equal(folderNameOf('/'), 'model');
});
