/**
 * The dataset: 1,000 examples of six types, and their variants, from a seed.
 *
 * Invariants:
 * - an example's streams are keyed by (seed, split, index, topic), so that two seeds share nothing but chance;
 * - a lineage (topic, form and parameters, without scene and wording) belongs to one split whatever the seed, and a variant's
 *   own lineage belongs to the split of its parent;
 * - no question of one split is a twin of a question of the other one (near-duplicates.ts), and no question occurs twice;
 * - the 1,000 are the same with and without variants.
 */
import { DialecticError } from '../../errors.js';
import { Random } from '../../random.js';
import { type Split, splitOf } from '../splits.js';
import { type DatasetSplit, type Slot, slotsOf } from './catalogue.js';
import type { Augmentation, Drawn, Example, ExampleDifficulty, Topic, Written } from './example.js';
import { fingerprintOf, TwinIndex } from './near-duplicates.js';
import { traceOf } from './writing.js';

/** Misses in a row that mean a topic cannot fill its place. */
const MAX_CANDIDATES = 5000;

/** An example's texts with the streams that they were made from, so that variants can redraw one of them. */
interface Sketch {
  readonly drawn: Drawn;
  readonly lineage: string;
  readonly written: Written;
  readonly sceneKey: readonly (string | number)[];
  readonly wordingKey: readonly (string | number)[];
}

interface Made extends Sketch {
  readonly example: Example;
  readonly slot: Slot;
}

/** What is in the dataset so far: exact questions, and twin indices by split. */
class Register {
  readonly #questions = new Set<string>();
  readonly #twins = { train: new TwinIndex(), evaluation: new TwinIndex() };

  /** Enters a question, or says no because the same one or a twin in the other split is there. */
  enter(question: string, split: DatasetSplit): boolean {
    const fingerprint = fingerprintOf(question);
    const { normalized: key } = fingerprint;
    if (this.#questions.has(key)) return false;
    if (this.#twins[split === 'train' ? 'evaluation' : 'train'].hasTwin(fingerprint)) return false;
    this.#questions.add(key);
    this.#twins[split].add(fingerprint);
    return true;
  }
}

function lineageOf(topic: Topic, drawn: Drawn): string {
  return `${topic.name}/${drawn.form}:${drawn.parameters}`;
}

function exampleOf(
  slot: Slot,
  drawn: Drawn,
  written: Written,
  id: string,
  variant?: Pick<Example['metadata'], 'augmentation' | 'parent' | 'lineage'>,
  difficulty = slot.difficulty,
): Example {
  return {
    question: written.question,
    answer: written.answer,
    reasoning_trace: traceOf(written.steps),
    type: slot.topic.type,
    difficulty,
    domain: slot.topic.domain,
    metadata: {
      source: 'synthetic',
      verification: written.constraints ? 'non_verifiable' : 'verifiable',
      keywords: written.keywords,
      lineage: lineageOf(slot.topic, drawn),
      id,
      topic: slot.topic.name,
      form: drawn.form,
      ...variant,
      ...(written.unordered ? { unordered: true } : {}),
      ...(written.constraints ? { constraints: written.constraints } : {}),
    },
  };
}

/**
 * Draws from a topic, keyed by `key`, until a candidate's lineage falls in the split and `accept` takes its question.
 * Errors: INTERNAL when a topic has no such candidate.
 */
export function drawExample(
  topic: Topic,
  difficulty: ExampleDifficulty,
  split: Split,
  key: readonly (string | number)[],
  accept: (question: string) => boolean,
): Sketch {
  const random = new Random(...key, 'parameters');
  for (let tries = 0; tries < MAX_CANDIDATES; tries++) {
    const drawn = topic.draw(random, difficulty);
    const lineage = lineageOf(topic, drawn);
    if (splitOf(lineage) !== split) continue;
    const sceneKey = [...key, 'scene', tries];
    const wordingKey = [...key, 'wording', tries];
    const written = drawn.write(new Random(...sceneKey), new Random(...wordingKey));
    if (accept(written.question)) return { drawn, lineage, written, sceneKey, wordingKey };
  }
  throw new DialecticError(
    'INTERNAL',
    `Topic "${topic.name}" drew no ${difficulty} example of split "${split}" in ${MAX_CANDIDATES} candidates.`,
  );
}

function make(seed: number, slot: Slot, register: Register): Made {
  const { topic, split, index, difficulty } = slot;
  const accept = (question: string): boolean => register.enter(question, split);
  const sketch = drawExample(topic, difficulty, split, [seed, split, index, topic.name], accept);
  const id = `${split}-${seed}-${String(index).padStart(4, '0')}`;
  return { ...sketch, slot, example: exampleOf(slot, sketch.drawn, sketch.written, id) };
}

const HARDER: Readonly<Record<ExampleDifficulty, ExampleDifficulty>> = {
  easy: 'medium',
  medium: 'hard',
  hard: 'hard',
};

/**
 * A variant of an example. A paraphrase redraws the wording, a transfer the scene, scaling the parameters at the next
 * difficulty; in each case the answer and the trace are worked out again. Returns null where the topic has no further variant.
 */
function vary(seed: number, parent: Made, augmentation: Augmentation, register: Register): Example | null {
  const { slot, example } = parent;
  const { topic, split, index } = slot;
  const key = [seed, split, index, topic.name, augmentation] as const;
  const random = new Random(...key);
  const difficulty = augmentation === 'difficulty_scaling' ? HARDER[slot.difficulty] : slot.difficulty;
  for (let tries = 0; tries < MAX_VARIANT_CANDIDATES; tries++) {
    const drawn = augmentation === 'difficulty_scaling' ? topic.draw(random, difficulty) : parent.drawn;
    const isSame = drawn !== parent.drawn && lineageOf(topic, drawn) === example.metadata.lineage;
    if (isSame || splitOf(lineageOf(topic, drawn)) !== split) continue;
    const sceneKey = augmentation === 'domain_transfer' ? [...key, 'scene', tries] : parent.sceneKey;
    const wordingKey = augmentation === 'paraphrase' ? [...key, 'wording', tries] : parent.wordingKey;
    const written = drawn.write(new Random(...sceneKey), new Random(...wordingKey));
    if (!register.enter(written.question, split)) continue;
    const parentId = example.metadata.id as string;
    const variant = { augmentation, parent: parentId, lineage: example.metadata.lineage };
    return exampleOf(slot, drawn, written, `${parentId}-${augmentation}`, variant, difficulty);
  }
  return null;
}

const MAX_VARIANT_CANDIDATES = 400;

/** The examples of a dataset by split. */
export type Dataset = Readonly<Record<DatasetSplit, readonly Example[]>>;

/**
 * The dataset of a seed: 800 training and 200 evaluation examples. With `augment`, every example also gets a paraphrase,
 * and a scaled variant or a transfer in turn.
 */
export function generateDataset(
  seed: number,
  { augment = false }: { readonly augment?: boolean } = {},
): Dataset {
  const register = new Register();
  const evaluation = slotsOf('evaluation').map((slot) => make(seed, slot, register));
  const train = slotsOf('train').map((slot) => make(seed, slot, register));
  const withVariants = (made: readonly Made[]): Example[] => {
    const examples = made.map(({ example }) => example);
    if (!augment) return examples;
    for (const parent of made) {
      const second = parent.slot.index % 2 === 0 ? 'difficulty_scaling' : 'domain_transfer';
      for (const augmentation of ['paraphrase', second] as const) {
        const variant = vary(seed, parent, augmentation, register);
        if (variant) examples.push(variant);
      }
    }
    return examples;
  };
  return { evaluation: withVariants(evaluation), train: withVariants(train) };
}
