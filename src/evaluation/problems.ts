/**
 * The problems that a run trains on and is tested on: of the generated dataset, of a user's file, or of a program's rows.
 *
 * Invariants: no lineage is in both, unless a program splits its rows by itself; the held-out problems do not depend on the run's seed.
 */
import type { Config } from '../config/schema.js';
import type { Example } from '../data/dataset/example.js';
import { type Dataset, generateDataset } from '../data/dataset/generate.js';
import { examplesOfRows, type ProblemRow } from '../data/dataset/given-rows.js';
import { skippedText } from '../data/dataset/read-rows.js';
import { ReasoningDataset } from '../data/dataset/reasoning-dataset.js';
import { DATASET_SEED, heldOut, problemOf } from '../data/problem-set.js';
import { splitOf } from '../data/splits.js';
import { DialecticError } from '../errors.js';
import { DOMAINS, type Problem } from '../protocol/index.js';
import type { EvaluationItem } from './items.js';

export interface Problems {
  /** In the order of the dataset. */
  readonly training: readonly Problem[];
  readonly evaluation: readonly EvaluationItem[];
}

/** Problems of a program: a list that is split as a file would be, or the two parts. */
export type GivenProblems =
  | readonly ProblemRow[]
  | { readonly training: readonly ProblemRow[]; readonly evaluation: readonly ProblemRow[] };

/**
 * `onSkipped` is told what bad rows were left out; `given` takes the place of the dataset. Errors: DATA for a file or a row that cannot
 * be read, and where there is nothing to train on or to hold out.
 */
export async function openProblems(
  { data }: Pick<Config, 'data'>,
  onSkipped: (text: string) => void = () => {},
  given?: GivenProblems,
): Promise<Problems> {
  const { train, evaluation } =
    given !== undefined
      ? splitGiven(given)
      : data.path === null
        ? generated(data.seed, data.augment)
        : await splitFile(data.path, data.format, data.onBadRow, onSkipped);
  const training = train.filter(({ type }) => data.domains.includes(type)).map(problemOf);
  const held = heldOut(evaluation, data.domains, data.evaluationProblems).map(itemOf);
  if (training.length === 0 || held.length === 0) {
    const what = training.length === 0 ? 'train on' : 'hold out';
    throw new DialecticError(
      'DATA',
      `${given ? 'data' : (data.path ?? 'the dataset')} has no example of data.domains (${data.domains.join(', ')}) to ${what}; name others, or use a larger file`,
    );
  }
  return { training, evaluation: held };
}

/** The first `count` held-out problems of the dataset that the shipped policy is kept away from. */
export function heldOutProblems(count: number): (EvaluationItem & { readonly family: string })[] {
  const { evaluation } = generated(DATASET_SEED, true);
  return heldOut(evaluation, DOMAINS, count).map(itemOf);
}

let latest: { readonly seed: number; readonly augment: boolean; readonly dataset: Dataset } | undefined;

/** The dataset of a seed. The one made last is kept: runs of one process mostly want the same, and it takes a second to make. */
function generated(seed: number, augment: boolean): Dataset {
  if (latest?.seed !== seed || latest.augment !== augment)
    latest = { seed, augment, dataset: generateDataset(seed, { augment }) };
  return latest.dataset;
}

/** About a tenth of a file's lineages is held out, the same ones for every run. */
async function splitFile(
  path: string,
  kind: Config['data']['format'],
  onBadRow: Config['data']['onBadRow'],
  onSkipped: (text: string) => void,
): Promise<Dataset> {
  const { examples, skipped } = await ReasoningDataset.load(path, { format: { kind }, onBadRow });
  if (skipped.size > 0) onSkipped(`${path}: rows left out: ${skippedText(skipped)}`);
  return split(examples);
}

function splitGiven(given: GivenProblems): Dataset {
  if ('training' in given) {
    return {
      train: examplesOfRows(given.training, 'data.training'),
      evaluation: examplesOfRows(given.evaluation, 'data.evaluation'),
    };
  }
  return split(examplesOfRows(given, 'data'));
}

function split(examples: readonly Example[]): Dataset {
  const isHeldOut = ({ metadata }: Example): boolean => splitOf(metadata.lineage) === 'evaluation';
  return {
    train: examples.filter((example) => !isHeldOut(example)),
    evaluation: examples.filter(isHeldOut),
  };
}

function itemOf(example: Example): EvaluationItem & { readonly family: string } {
  return { ...problemOf(example), lineage: example.metadata.lineage };
}
