/** The key points of the notes of a meeting. */
import type { DrawForm } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel } from '../writing.js';
import { finish } from './summary-source.js';

const DECISIONS = [
  ['buy new benches', 'benches'],
  ['repaint the hall', 'hall'],
  ['hire a gardener', 'gardener'],
  ['open on Sundays', 'Sundays'],
  ['print a newsletter', 'newsletter'],
  ['plant nine trees', 'trees'],
  ['mend the fence', 'fence'],
  ['start a choir', 'choir'],
  ['lend tools', 'tools'],
  ['build a ramp', 'ramp'],
  ['hold a bazaar', 'bazaar'],
  ['clean the pond', 'pond'],
] as const;

export const keyPoints: DrawForm = (random, difficulty) => {
  const chosen = random.shuffle(DECISIONS).slice(0, byLevel(difficulty, 2, 3, 5));
  const costs = chosen.map(() => random.integer(2, 90) * 10);
  const present = random.integer(6, 40);
  return {
    form: 'meeting',
    parameters: `${chosen
      .map(([decision], i) => `${decision}${costs[i]}`)
      .sort()
      .join(',')},${present}`,
    write(scene, wording) {
      const place = scene.pick(PLACES);
      const people = scene.shuffle(PEOPLE);
      const club = scene.pick([
        'the sailing club',
        "the tenants' council",
        "the parents' board",
        'the village club',
        'the museum friends',
        'the garden society',
        'the chess union',
        'the fire volunteers',
      ]);
      const chatter = scene.shuffle([
        'There was some talk about the heating.',
        'The minutes of the last meeting were found in a drawer.',
        'Two members arrived late because of the rain.',
        'The biscuits were praised.',
        'A dog had to be led out.',
        'Somebody asked about the key to the cellar.',
      ]);
      const items = chosen.map(
        ([decision], i) =>
          `After a discussion that ${people[i]} opened, it was decided to ${decision} for ${costs[i]} crowns. ${chatter[i]}`,
      );
      const text = `Notes of a meeting of ${club} in ${place}, with ${present} members present. ${chatter[5]} ${items.join(' ')} ${people[9]} closed the meeting at nine.`;
      const summary = `Key points of the meeting of ${club} with ${present} members: ${chosen.map(([decision], i) => `${decision} (${costs[i]} crowns)`).join('; ')}.`;
      return finish(
        wording,
        {
          text,
          summary,
          required: chosen.map(([, word]) => word),
          plan: [
            `Key points are what members who were absent must know: decisions, amounts and nothing else. Talk that led to no decision can be left out, however long it took.`,
            `Go through the notes and mark each "it was decided". There are ${chosen.length}: ${chosen.map(([decision], i) => `${decision} for ${costs[i]} crowns`).join('; ')}. Who opened a discussion does not change what holds now.`,
            `Order them as in the notes and use the same form for each, so that they can be compared at a glance. Name the meeting and the ${present} members once, at the start.`,
          ],
          work: [
            `use ${club}, ${present} members`,
            `then ${chosen.map(([, word], i) => `${word} ${costs[i]}`).join(', ')}`,
          ],
        },
        [
          `Extract the key points from these notes for the members of ${club} who were absent.`,
          `What was decided? List the key points of the following notes from ${place}.`,
          `Turn the notes below into a short list of decisions for ${club} in ${place}.`,
        ],
        ['summary', 'key points', 'meeting'],
      );
    },
  };
};
