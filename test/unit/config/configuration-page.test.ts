/** docs/configuration.md is what the schema says. */
import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { KEYS } from '../../../src/config/keys.js';
import { CONFIGURATION_PAGE, configurationPage } from '../../tools/configuration-page.js';

t.test('the committed page of the configuration is the one that the schema gives', async (t) => {
  const committed = existsSync(CONFIGURATION_PAGE) ? readFileSync(CONFIGURATION_PAGE, 'utf8') : '';
  t.equal(committed.replaceAll('\r\n', '\n'), configurationPage(), 'renew it: npm run docs:configuration');
});

t.test('every key has a row that says what it means and what it may be', async (t) => {
  const rows = configurationPage()
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
  t.same(
    rows.map(([, key]) => key),
    [...KEYS.keys()].map((key) => `\`${key}\``).sort(bySection(rows.map(([, key]) => key!))),
  );
  const lacking = rows.filter(([, , value, , allowed, meaning]) => !value || !allowed || !meaning);
  t.same(
    lacking.map(([, key]) => key),
    [],
  );
});

/** Keys of a section stand together on the page; in the schema a section may stand between them. */
function bySection(order: readonly string[]): (a: string, b: string) => number {
  return (a, b) => order.indexOf(a) - order.indexOf(b);
}
