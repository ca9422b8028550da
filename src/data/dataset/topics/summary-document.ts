/** The summary of a technical document: a report on one study. */
import type { DrawForm } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel } from '../writing.js';
import { finish } from './summary-source.js';
import { drawStudy, FILLER, keyOf, STUDIES } from './summary-studies.js';

export const document: DrawForm = (random, difficulty) => {
  const study = drawStudy(random);
  const fillers = byLevel(difficulty, 2, 4, 6);
  const hasCaveat = difficulty !== 'easy';
  return {
    form: 'technical_document',
    parameters: `${keyOf(study)},${fillers}`,
    write(scene, wording) {
      const [subject, effect, moved, cause, advice] = STUDIES[study.index]!;
      const [place, second] = scene.shuffle(PLACES) as [string, string];
      const person = scene.pick(PEOPLE);
      const filler = scene.shuffle(FILLER).slice(0, fillers);
      const sentences = [
        `This report describes a study of ${subject} in ${place}, led by ${person}.`,
        filler[0]!,
        `Over ${study.months} months ${study.sites} places were visited and compared with as many places in ${second} where nothing had changed.`,
        filler[1]!,
        `Where there were ${subject}, ${effect} ${moved} by ${study.percent} percent, while in the other places it stayed nearly the same.`,
        ...filler.slice(2, 4),
        `The most likely reason is that ${cause}.`,
        ...(hasCaveat
          ? [
              `The authors warn that only one region was studied and that the effect may be smaller elsewhere.`,
            ]
          : []),
        ...filler.slice(4),
        `They conclude that ${advice}.`,
      ];
      const summary = [
        `A study of ${study.sites} places in ${place} found that with ${subject} ${effect} ${moved} by ${study.percent} percent in ${study.months} months, probably because ${cause}.`,
        ...(hasCaveat ? ['Only one region was studied.'] : []),
        `So ${advice}.`,
      ].join(' ');
      return finish(
        wording,
        {
          text: sentences.join(' '),
          summary,
          required: [`${study.percent} percent`, subject],
          plan: [
            `Ask what the report claims: there is a link between ${subject} and ${effect}. This is the core, so it comes first, together with its size of ${study.percent} percent.`,
            `Then ask how the authors know: they compared ${study.sites} places over ${study.months} months. One clause is enough for that.`,
            `Keep the reason, ${cause}${hasCaveat ? ', the limit that the authors state themselves,' : ''} and the conclusion. Leave out what would not change the claim, such as "${filler[0]}"`,
          ],
          work: [
            `use ${study.sites} places, ${place}, ${subject}, ${effect} ${moved}, ${study.percent} percent, ${study.months} months`,
            hasCaveat ? 'then reason, one region, advice' : 'then reason, advice',
          ],
        },
        [
          `Summarize this report for the council of ${place} in plain words.`,
          `Give the main finding, the reason and the advice of the following report, for readers in ${place}.`,
          `${person} needs a short version of this report. Write it.`,
        ],
        ['summary', 'technical document', subject],
      );
    },
  };
};
