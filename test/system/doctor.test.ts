/** `doctor` as a user runs it. */
import t from 'tap';
import { cli, temporaryFolder } from '../kit/cli.js';

t.test('doctor says what it found, for people and for programs', async (t) => {
  const folder = temporaryFolder(t);
  const well = await cli(['doctor'], { cwd: folder });
  t.equal(well.code, 0, well.stdout);
  t.match(well.stdout, /pass {2}operators[\s\S]*Ready\./);
  const ill = await cli(['doctor', '--json', '--model=nowhere'], { cwd: folder });
  t.equal(ill.code, 1);
  t.match(JSON.parse(ill.stdout), { type: 'doctor', failed: 1 });
});
