/** Whatever a policy, a file or a folder is called or says: nothing that is shown can alter a terminal. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { renderChecks } from '../../../../src/cli/views/checks.js';
import { renderConfigTable } from '../../../../src/cli/views/dry-run.js';
import { renderError } from '../../../../src/cli/views/error-report.js';
import { renderEvaluation } from '../../../../src/cli/views/evaluation-table.js';
import { renderSummary } from '../../../../src/cli/views/summary-table.js';
import { TerminalView } from '../../../../src/cli/views/terminal.js';
import { resolveConfig } from '../../../../src/config/resolve.js';
import { formatOf } from '../../../../src/data/dataset/formats.js';
import { exampleOf } from '../../../../src/data/dataset/read-examples.js';
import { checkRows } from '../../../../src/data/dataset/read-rows.js';
import { DialecticError } from '../../../../src/errors.js';
import { evaluationReport, type JudgedSample } from '../../../../src/evaluation/evaluation-report.js';
import { readItems } from '../../../../src/evaluation/items.js';
import { summaryOf } from '../../../../src/evaluation/summary.js';
import { jsonLine } from '../../../../src/observe/jsonl.js';
import { sampleRows } from '../../../../src/observe/samples.js';
import type { GroupCompleted } from '../../../../src/protocol/index.js';

const HOSTILE: Readonly<Record<string, string>> = {
  escape: '\u001b',
  'clear screen': '\u001b[2J\u001b[H',
  colour: '\u001b[31;1mred',
  title: '\u001b]0;title\u0007',
  link: '\u001b]8;;http://example.org\u001b\\here\u001b]8;;\u001b\\',
  clipboard: '\u001b]52;c;cm0gLXJm\u0007',
  'device control': '\u001bP+q544e\u001b\\',
  'C1 sequence': '\u009b2J\u009d52;c;cm0=\u009c\u0090x\u0085',
  'two in one': '\u001b\u001b[31m[2J\u001b]\u009d0;x',
  'carriage return': 'good\rbad',
  'back space': 'good\b\b\b\bbad\u007f',
  bell: '\u0007\u0000\u000b\u000c\u000e',
  'right to left': 'abc\u202edef\u2066ghi\u200f\u061c\u2029',
};
const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** Checks what `show` gives for each hostile text. */
async function harmless(t: Test, show: (text: string) => string | Promise<string>): Promise<void> {
  for (const [name, text] of Object.entries(HOSTILE)) {
    const shown = await show(`x${text}y`);
    t.ok(shown.length > 0 && !FORBIDDEN.test(shown), `${name}: ${JSON.stringify(shown.match(FORBIDDEN))}`);
  }
}

/** What the program prints of an error, with and without its stack. */
const printed = (error: unknown): string =>
  [false, true].map((debug) => renderError(error, { debug, color: false })).join('');

/** The same of the error that `run` ends with; something harmful where it ends with none. */
async function errorOf(run: () => Promise<unknown>): Promise<string> {
  return run().then(() => '\u0007', printed);
}

t.test('the table of an evaluation', async (t) => {
  await harmless(t, (text) => {
    const sample: JudgedSample = {
      type: text,
      difficulty: `${text}.`,
      lineage: text,
      item: 0,
      isFormatted: true,
      isCorrect: true,
      isPartial: null,
      quality: 1,
      rubric: null,
    };
    return renderEvaluation(evaluationReport([sample], { [text]: [1] }), 'Greedy', false);
  });
});

t.test('the summary of a run', async (t) => {
  const tally = { problems: 1, open: 0, correct: 1, formatted: 1, rubric: 0, quality: 1 };
  await harmless(t, (text) => {
    const rates = { tokensPerSecond: { rollout: 1, learner: 1 }, lost: { events: 0, deadLetters: 0 } };
    const outcome = { updates: 1, seed: 1, wallSeconds: 1, ...rates };
    const runDirectory = text;
    const before = { [text]: tally };
    return [
      renderSummary(summaryOf({ ...outcome, runDirectory, before, after: before }), false),
      renderSummary(summaryOf({ ...outcome, runDirectory }), false),
    ].join('');
  });
});

t.test('samples and every other line of JSON, which keeps its text', async (t) => {
  await harmless(t, (text) => {
    const group = {
      texts: [text],
      rewardNames: [text],
      rewards: Float32Array.of(1),
      lengths: Int32Array.of(1),
      stopped: Uint8Array.of(1),
      promptIndex: 0,
      problemId: text,
      domain: text,
    } as unknown as GroupCompleted;
    const [row] = sampleRows(0, group);
    const line = jsonLine(row!);
    t.same(JSON.parse(line), row);
    return line;
  });
});

t.test('errors that name a bad row, with and without their stacks', async (t) => {
  const folder = t.testdir();
  await harmless(t, (text) => {
    const file = join(folder, 'rows.jsonl');
    writeFileSync(file, JSON.stringify({ question: 'q', [text]: text, answer: 1, type: text }));
    return errorOf(() => readItems(file));
  });
  await harmless(t, (text) => {
    const file = join(folder, 'broken.jsonl');
    writeFileSync(file, `{"question": "${text}`);
    return errorOf(() => readItems(file));
  });
  await harmless(t, (text) =>
    errorOf(() => readItems(join(folder, text.replaceAll('\u0000', ''), 'missing.jsonl'))),
  );
});

t.test('what is said of a bad row of a training file', async (t) => {
  const file = join(t.testdir(), 'rows.jsonl');
  const row = { question: 'q', answer: 'a', type: 'math', difficulty: 'easy', domain: 'd' };
  await harmless(t, async (text) => {
    writeFileSync(file, JSON.stringify({ ...row, difficulty: text, metadata: { [text]: text } }));
    const said: string[] = [];
    for await (const each of checkRows(file, formatOf(undefined, undefined), exampleOf)) {
      if ('problem' in each) said.push(`${each.place}: ${each.field} ${each.problem}`);
    }
    t.equal(said.length, 1);
    return printed(new DialecticError('DATA', said.join('\n')));
  });
});

t.test('progress, checks and the configuration', async (t) => {
  await harmless(t, (text) => {
    let shown = '';
    const stream = { write: (part: string) => (shown += part) };
    const view = new TerminalView({ stream, env: {}, color: false, quiet: false, now: () => 0 });
    view.note(text);
    view.warn(text);
    return shown;
  });
  await harmless(t, (text) =>
    renderChecks([{ name: 'policy', status: 'fail', detail: text, fix: text }], false),
  );
  await harmless(t, (text) => {
    const resolved = resolveConfig({ sets: [['model', JSON.stringify(text)]] });
    return renderConfigTable({ ...resolved, sources: { model: text } }, false);
  });
});
