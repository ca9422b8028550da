/** Before and after, for people. */
import t from 'tap';
import { lostText, renderSummary } from '../../../../src/cli/views/summary-table.js';
import { summaryOf } from '../../../../src/evaluation/summary.js';
import { before, runResult } from '../../../kit/run-result.js';

t.test('a line says what was lost, if anything was', async (t) => {
  t.equal(lostText({ events: 0, deadLetters: 0 }), null);
  t.match(lostText({ events: 3, deadLetters: 0 }), /3 events, 0 messages/);
  t.match(lostText({ events: 0, deadLetters: 1 }), /0 events, 1 messages/);
});

t.test('nothing counted is a row of dashes', async (t) => {
  t.match(renderSummary(summaryOf({ ...runResult, before: {}, after: {} }), false), /all +0 +- +- +- +- /);
});

t.test('a run without a last evaluation shows its beginning', async (t) => {
  const { after: _, ...cut } = runResult;
  const text = renderSummary(summaryOf(cut), false);
  t.match(text, /math +100 +40\.0 % \[31, 50\] +- +- +- +80\.0 > - +0\.30 > -\n/);
  t.match(text, /creative +40 +- +- +- +0\.30 > - +75\.0 > - +0\.45 > -\n/);
});

t.test('a run without any evaluation says so', async (t) => {
  const { after: _, before: __, ...cut } = runResult;
  t.match(renderSummary(summaryOf(cut), false), /before anything was learned.*\nRun: runs\/nano-seed42-001/);
});

t.test('the table has a line per domain and one for all, with counts, intervals and change', async (t) => {
  const text = renderSummary(summaryOf(runResult), false);
  t.match(text, /problems +accuracy before +after +change +rubric +format, % +quality\n/);
  t.match(
    text,
    /math +100 +40\.0 % \[31, 50\] +70\.0 % \[60, 78\] +\+30\.0 +- +80\.0 > 99\.0 +0\.30 > 0\.82\n/,
  );
  t.match(text, /science +60 +40\.0 % .* 70\.0 % .*\+30\.0 +0\.25 > 0\.60 +100\.0 > 100\.0 +0\.20 > 0\.80\n/);
  t.match(text, /creative +40 +- +- +- +0\.30 > 0\.65 +75\.0 > 100\.0 +0\.45 > 0\.55\n/);
  t.match(text, /all +200 +40\.0 % .*\+30\.0 +0\.29 > 0\.64 +85\.0 > 99\.5 +0\.30 > 0\.76\n/);
  t.match(text, /Brackets: 95 % Wilson interval\. Rubric: of open problems/);
  t.match(text, 'runs/nano-seed42-001');
  t.notMatch(text, '\u001b');
});

t.test('the columns of the table stand below each other', async (t) => {
  const rows = renderSummary(summaryOf(runResult), false).split('\n').slice(1, 6);
  t.same(new Set(rows.map((row) => row.length)).size, 1);
});

t.test('one domain needs no total', async (t) => {
  const { math } = before;
  t.notMatch(renderSummary(summaryOf({ ...runResult, before: { math } }), false), /^all /m);
});
