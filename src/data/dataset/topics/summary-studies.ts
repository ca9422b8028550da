/** The studies that reports and pairs of reports tell of. */
import type { Random } from '../../../random.js';

/** [what was studied, what it changed, how, why, what follows]. */
export const STUDIES = [
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

/** Sentences that a summary leaves out. */
export const FILLER = [
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

/** A study whose index is its place in STUDIES. */
interface Study {
  readonly index: number;
  readonly percent: number;
  readonly sites: number;
  readonly months: number;
}

export function drawStudy(random: Random): Study {
  return {
    index: random.integer(0, STUDIES.length - 1),
    percent: random.integer(6, 48),
    sites: random.integer(4, 60),
    months: random.integer(3, 30),
  };
}

/** Canonical parameters of a study. */
export const keyOf = ({ index, percent, sites, months }: Study): string =>
  `${index}.${percent}.${sites}.${months}`;
