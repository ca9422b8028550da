/** Two reports on one subject brought together. */
import type { DrawForm } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel } from '../writing.js';
import { finish } from './summary-source.js';
import { drawStudy, FILLER, keyOf, STUDIES } from './summary-studies.js';

export const synthesis: DrawForm = (random, difficulty) => {
  const first = drawStudy(random);
  // The same subject in two places; hard reports disagree about the direction.
  const second = { ...drawStudy(random), index: first.index };
  const disagrees = difficulty === 'hard';
  return {
    form: 'two_reports',
    parameters: `${keyOf(first)},${keyOf(second)},${disagrees}`,
    write(scene, wording) {
      const [subject, effect, moved, cause, advice] = STUDIES[first.index]!;
      const [a, b] = scene.shuffle(PLACES) as [string, string];
      const [p, q] = scene.shuffle(PEOPLE) as [string, string];
      const filler = scene.shuffle(FILLER);
      const count = byLevel(difficulty, 1, 2, 2);
      const reportA = `Report A, by ${p}: In ${a} we looked at ${subject} in ${first.sites} places over ${first.months} months. ${filler.slice(0, count).join(' ')} There, ${effect} ${moved} by ${first.percent} percent. We think that ${cause}.`;
      const finding = disagrees
        ? `we saw no change of ${effect} beyond chance`
        : `${effect} ${moved} by ${second.percent} percent`;
      const reportB = `Report B, by ${q}: We followed ${second.sites} places with ${subject} in ${b} for ${second.months} months. ${filler.slice(4, 4 + count).join(' ')} In our data ${finding}. ${disagrees ? 'Our places were small, which may hide an effect.' : `It seems that ${advice}.`}`;
      const summary = disagrees
        ? `Both reports study ${subject}, but they disagree: in ${a} ${effect} ${moved} by ${first.percent} percent over ${first.months} months, while in ${b} no change was seen, perhaps because the places were small. Report A suggests that ${cause}.`
        : `Both reports agree that with ${subject} ${effect} ${moved}: by ${first.percent} percent in ${a} and by ${second.percent} percent in ${b}. The likely reason is that ${cause}, so ${advice}.`;
      return finish(
        wording,
        {
          text: `${reportA}\n\n${reportB}`,
          summary,
          required: [subject, `${first.percent} percent`, a, b],
          plan: [
            `Put the two reports side by side: same subject, ${subject}; different places, ${a} and ${b}; different numbers of places, ${first.sites} and ${second.sites}. What can be compared is ${effect}.`,
            disagrees
              ? `They differ in the result: report A found a change of ${first.percent} percent, report B found none. A synthesis must say so, not average it away, and it should name the reason that report B gives for it.`
              : `They agree in the direction and differ in size: ${first.percent} percent against ${second.percent} percent. A synthesis says what is common first and gives both sizes after it.`,
            `Only one report names a cause, so the summary must not pretend that both do. The side remarks, such as "${filler[0]}", carry no finding and are left out.`,
          ],
          work: disagrees
            ? [
                `${effect} ${moved}, no change: disagree`,
                `use ${subject}, ${a}, ${first.percent} percent, ${first.months} months`,
                `then ${b}, no change, small, reason`,
              ]
            : [
                `${effect} ${moved}, ${moved}: agree`,
                `use ${subject}, ${first.percent} percent, ${a}, ${second.percent} percent, ${b}`,
                'then reason, advice',
              ],
        },
        [
          `Combine these two reports into one short summary that says where they agree or disagree.`,
          `A council that compares ${a} and ${b} needs one summary of both reports below. Write it.`,
          `Bring the following reports together in a few sentences, without hiding differences.`,
        ],
        ['summary', 'synthesis', 'comparison'],
      );
    },
  };
};
