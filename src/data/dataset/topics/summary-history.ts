/** The summary of a text of several paragraphs: the history of a factory. */
import type { DrawForm } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel } from '../writing.js';
import { finish } from './summary-source.js';

const HOUSES = [
  ['a paper mill', 'paper', 'cloth rags', 'a museum of printing'],
  ['a salt works', 'salt', 'sea water', 'a bird reserve'],
  ['a silk factory', 'silk', 'mulberry trees', 'a school of design'],
  ['a glass works', 'glass', 'fine sand', 'a concert hall'],
  ['a brewery', 'beer', 'barley', 'a row of studios'],
  ['a brickyard', 'bricks', 'river clay', 'a swimming lake'],
  ['a rope yard', 'ropes', 'hemp', 'a market hall'],
  ['a tannery', 'leather', 'oak bark', 'a youth hostel'],
] as const;

export const paragraphs: DrawForm = (random, difficulty) => {
  const house = random.integer(0, HOUSES.length - 1);
  const founded = random.integer(1650, 1850);
  const grew = founded + random.integer(20, 80);
  const workers = random.integer(4, 60) * 10;
  const closed = grew + random.integer(30, 90);
  const extra = byLevel(difficulty, 1, 2, 3);
  return {
    form: 'history',
    parameters: `${house},${founded},${grew},${workers},${closed},${extra}`,
    write(scene, wording) {
      const [name, ware, material, today] = HOUSES[house]!;
      const place = scene.pick(PLACES);
      const person = scene.pick(PEOPLE);
      const side = scene
        .shuffle([
          'Old letters praise the view from its yard.',
          "The gate still carries the founder's initials.",
          'A song about the place is known to every child in the town.',
          'Travellers complained about the smell.',
          'Its bell could be heard across the valley.',
          'A painting of it hangs in the town hall.',
        ])
        .slice(0, 2 * extra);
      const first = `In ${founded}, ${person} opened ${name} at the edge of ${place}. It made ${ware} from ${material}, which could be had cheaply nearby. ${side.slice(0, extra).join(' ')}`;
      const second = `Business grew when a railway reached the town. By ${grew} there were ${workers} workers, and ${ware} from ${place} went to many countries. ${side.slice(extra).join(' ')}`;
      const third = `Cheaper goods from elsewhere ended this success, and the works closed in ${closed}. The buildings stood empty for years. Today they house ${today}, which draws visitors all year round.`;
      const summary = `Founded in ${founded}, ${name} in ${place} made ${ware} from ${material}. Thanks to a railway it had ${workers} workers by ${grew}, but cheaper goods closed it in ${closed}. Today it is ${today}.`;
      return finish(
        wording,
        {
          text: [first, second, third].join('\n\n'),
          summary,
          required: [String(founded), String(closed), today],
          plan: [
            `Each paragraph has one job: the first tells the beginning, the second the growth, the third the end and what came after. A summary should keep this order and give each part one clause.`,
            `From the first part keep the year ${founded}, the product and the material; from the second the cause of growth and the ${workers} workers; from the third the reason for closing in ${closed} and the use today, ${today}.`,
            `Details that could be removed without breaking the chain of causes are dropped, for instance "${side[0]}" They give colour, but nothing depends on them.`,
          ],
          work: [
            `use ${founded}, ${name}, ${place}, ${ware}, ${material}`,
            `then a railway, ${workers} workers, ${grew}`,
            `then ${closed}, ${today}`,
          ],
        },
        [
          `Compress the following three paragraphs about a place in ${place} into a few sentences.`,
          `A guide book on ${place} has room for a short version of this text. Write it.`,
          `Retell the history below briefly, keeping cause and effect, for a sign in ${place}.`,
        ],
        ['summary', 'paragraphs', 'history'],
      );
    },
  };
};
