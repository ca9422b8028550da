import t from 'tap';
import { renderChecks } from '../../../../src/cli/views/checks.js';

t.test('each check has a line, a failed one says what to do, and the last line counts', async (t) => {
  const text = renderChecks(
    [
      { name: 'node', status: 'pass', detail: 'Node 20' },
      { name: 'policy', status: 'fail', detail: 'no \u001b[31mfile', fix: 'name a folder' },
      { name: 'parity', status: 'skip', detail: 'not checked' },
    ],
    false,
  );
  t.equal(
    text,
    'pass  node    Node 20\nfail  policy  no file\n              → name a folder\nskip  parity  not checked\n\n1 of 3 checks failed.\n',
  );
  t.match(renderChecks([{ name: 'node', status: 'warn', detail: 'x' }], false), /Ready\./);
});
