/**
 * Summarization: a technical document, a text of several paragraphs, key points of a meeting, and two reports brought together.
 *
 * Invariants: the source stands in the question and in the constraints; a summary is shorter than half of its source and says
 * nothing that the source does not say.
 */
import type { Random } from '../../../random.js';
import { type DrawForm, topicOf, type Written } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel, closing, wordCount } from '../writing.js';

const STUDIES = [
  [
    'roof gardens',
    'the temperature of flats below',
    'fell',
    'plants shade the roof and give off water',
    'cities could plant flat roofs first',
  ],
  [
    'later school hours',
    'the number of late arrivals',
    'fell',
    'pupils sleep longer before the first lesson',
    'schools could start half an hour later',
  ],
  [
    'hedges along fields',
    'the number of wild bees',
    'rose',
    'flowers and hollow stems give food and shelter',
    'farmers could leave hedges standing',
  ],
  [
    'slow traffic zones',
    'the noise at night',
    'fell',
    'engines and tyres are quieter at low speed',
    'towns could widen the zones',
  ],
  [
    'shared reading at home',
    'the vocabulary of small children',
    'rose',
    'children hear rare words in a clear context',
    'libraries could lend picture books for longer',
  ],
  [
    'dry toilets in parks',
    'the use of drinking water',
    'fell',
    'no flushing is needed',
    'parks could replace old toilets',
  ],
  [
    'music lessons for adults',
    'the score in memory tests',
    'rose',
    'practice trains attention for long spans',
    'clubs could offer evening courses',
  ],
  [
    'mixed forests',
    'the damage done by storms',
    'fell',
    'roots of different depth hold the soil together',
    'owners could plant several kinds of trees',
  ],
  [
    'repair cafes',
    'the amount of electric waste',
    'fell',
    'simple faults are mended rather than thrown away',
    'councils could pay for the rooms',
  ],
  [
    'night buses',
    'the number of road accidents',
    'fell',
    'tired people leave their cars at home',
    'companies could extend the lines',
  ],
] as const;

const FILLER = [
  'The team met every second week to compare notes.',
  'Photos of the sites were kept in a shared folder.',
  'Some early forms had to be filled in twice because of a printing error.',
  'A local newspaper reported on the start of the project.',
  'Visitors were welcome on two open days.',
  'The instruments came from an earlier project and were checked before use.',
  'Coffee was served after each visit.',
  'The weather was mild for most of the time.',
  'The final talk was given in a crowded hall.',
  'Thanks go to the many volunteers.',
] as const;

interface Source {
  readonly text: string;
  readonly summary: string;
  readonly required: readonly string[];
  readonly plan: readonly string[];
}

function finish(
  wording: Random,
  source: Source,
  asks: readonly string[],
  keywords: readonly string[],
): Written {
  const most = Math.ceil((wordCount(source.summary) * 1.3) / 5) * 5;
  const least = Math.floor((wordCount(source.summary) * 0.5) / 5) * 5;
  const question = `${wording.pick(asks)} Use ${least} to ${most} words and keep the facts "${source.required.join('", "')}".${closing(wording)}\n\n${source.text}`;
  return {
    question,
    answer: source.summary,
    steps: [
      `Read the whole text once for its purpose before marking anything. It has ${wordCount(source.text)} words, and the summary may have ${most} at most, so most sentences must go and the others must be joined.`,
      ...source.plan,
      `Check the result against the source: every number and name stands there in the same sense, nothing was added, and no judgement of my own slipped in. With ${wordCount(source.summary)} words it keeps the limit.`,
    ],
    keywords,
    constraints: {
      required_keywords: source.required,
      min_words: least,
      max_words: most,
      source_text: source.text,
    },
  };
}

interface Study {
  readonly index: number;
  readonly percent: number;
  readonly sites: number;
  readonly months: number;
}

function drawStudy(random: Random, used: number | undefined = undefined): Study {
  let index = random.integer(0, STUDIES.length - 1);
  if (index === used) index = (index + 1) % STUDIES.length;
  return {
    index,
    percent: random.integer(6, 48),
    sites: random.integer(4, 60),
    months: random.integer(3, 30),
  };
}

const keyOf = ({ index, percent, sites, months }: Study): string => `${index}.${percent}.${sites}.${months}`;

const document: DrawForm = (random, difficulty) => {
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

const paragraphs: DrawForm = (random, difficulty) => {
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

const keyPoints: DrawForm = (random, difficulty) => {
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

const synthesis: DrawForm = (random, difficulty) => {
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

export const summarizationTopics = [
  topicOf('document', 'summarization', 'technical_document', [document]),
  topicOf('multi_paragraph', 'summarization', 'compression', [paragraphs]),
  topicOf('key_points', 'summarization', 'key_points', [keyPoints]),
  topicOf('synthesis', 'summarization', 'synthesis', [synthesis]),
];
