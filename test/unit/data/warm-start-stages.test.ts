/** The two stages of the warm start: what they share, and what the second one takes away again. */
import t from 'tap';
import { quickShare, STAGES } from '../../../src/data/warm-start.js';
import { Checks } from '../../kit/checks.js';
import { answerOf, examplesOf, isPlain, named, reasoningOf, topicOf } from '../../kit/warm-start.js';

const COUNT = 2000;
const first = examplesOf('skills', COUNT);
const second = examplesOf('head-room', COUNT);

for (const stage of STAGES) {
  const every = stage === 'skills' ? 3 : 5;
  t.test(`quick traces prevail in all but one topic of ${every} in the stage ${stage}`, async (t) => {
    const prevailing = [...topicOf.keys()].filter((name) => quickShare(stage, name) > 0.5);
    t.equal(prevailing.length, topicOf.size - Math.floor(topicOf.size / every));
    const plain = (stage === 'skills' ? first : second).filter(isPlain);
    for (const isPrevailing of [true, false]) {
      const group = plain.filter(({ topic }) => prevailing.includes(topic) === isPrevailing);
      const share = group.filter((example) => reasoningOf(example).startsWith('The')).length / group.length;
      const expected = isPrevailing ? 0.64 : 0.3;
      t.ok(Math.abs(share - expected) < 4 * Math.sqrt(0.25 / group.length), `${share} of ${group.length}`);
    }
  });
}

t.test('the stages draw from indices that do not meet, and differ in quick open answers only', async (t) => {
  const seen = new Set(first.map(({ question, completion }) => question + completion));
  const again = second.filter(({ question, completion }) => seen.has(question + completion));
  // Small problems come up twice by chance; equal indices would give equal topics one after another.
  t.ok(again.length < COUNT / 20, `${again.length} of ${COUNT}`);
  const sameTopic = second.filter(({ topic }, i) => topic === first[i]!.topic).length;
  t.ok(sameTopic < COUNT / 8, `${sameTopic} of ${COUNT} topics`);
  for (const example of second) {
    const { source, role } = example;
    if (!source || role === 'skeptic' || source.written.constraints) continue;
    if (answerOf(example) !== source.written.answer) t.fail(named(example));
  }
});

t.test(
  'in the second stage a quick open answer leaves out a part that was needed, a worked one does not',
  async (t) => {
    const checks = new Checks();
    const counts = { short: 0, whole: 0, worked: 0 };
    for (const example of second) {
      const { answer, constraints } = example.source?.written ?? {};
      if (!constraints || answer === undefined) continue;
      const said = answerOf(example);
      if (reasoningOf(example).startsWith('Work')) {
        counts.worked++;
        checks.same(said, answer, named(example));
        continue;
      }
      checks.same(reasoningOf(example), 'The answer follows.', named(example));
      const parts = answer.split(/(?<=[.;]) /);
      const holds = (part: string): boolean =>
        constraints.required_keywords.some((word) => part.toLowerCase().includes(word.toLowerCase()));
      // One part is gone, and it held something that was asked for.
      const shorter = parts.flatMap((part, i) =>
        holds(part) ? [parts.filter((_, j) => j !== i).join(' ')] : [],
      );
      const hasChoice = parts.length > 1 && shorter.length > 0;
      counts[hasChoice ? 'short' : 'whole']++;
      checks.ok((hasChoice ? shorter : [answer]).includes(said), `${named(example)}, whole: ${answer}`);
    }
    checks.report(t, { moreThan: 200 });
    t.ok(counts.short > 40 && counts.worked > 40, JSON.stringify(counts));
  },
);
