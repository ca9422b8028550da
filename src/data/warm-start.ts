/**
 * What the warm start shows a policy: problems of all topics with quick or worked traces, and the other roles' turns.
 *
 * The first stage teaches skills. The second one is shorter and sets the head-room that GRPO finds later: quick traces prevail in
 * most topics, so that a greedy policy guesses although it has learned to work the answer out, and an open answer without a plan
 * leaves something out.
 *
 * Invariants:
 * - an example is a function of (seed, stage, index);
 * - lineages of the pretrain split only, and no question that is a twin of an item of the evaluation set;
 * - every quick trace begins with the same word, every worked trace with another one, whatever the topic: the choice between
 *   guessing and working is one decision that all problems share.
 */
import { DOMAINS, type Domain, type Role } from '../protocol/index.js';
import { Random } from '../random.js';
import { TOPICS } from './dataset/catalogue.js';
import { DIFFICULTIES, type Topic, type Written } from './dataset/example.js';
import { drawExample, generateDataset } from './dataset/generate.js';
import { fingerprintOf, TwinIndex } from './dataset/near-duplicates.js';
import { drawDrill } from './drills.js';
import { DATASET_SEED } from './problem-set.js';
import { completionText, type Turn, type Verdict } from './prompt.js';
import { wrongAnswer } from './wrong-answer.js';

const DRILL_SHARE = 0.08;
/** Relative frequency of the types; open types are short of numbers and learned sooner. */
const TYPE_WEIGHTS: Readonly<Record<Domain, number>> = {
  math: 0.38,
  code: 0.22,
  logic_puzzle: 0.18,
  science: 0.12,
  creative: 0.05,
  summarization: 0.05,
};
const DIFFICULTY_WEIGHTS = { easy: 0.35, medium: 0.45, hard: 0.2 } as const;

export const STAGES = ['skills', 'head-room'] as const;
export type Stage = (typeof STAGES)[number];

/** Every how many topics one is shown mostly worked. */
const WORKED_EVERY: Readonly<Record<Stage, number>> = { skills: 3, 'head-room': 5 };
/** Examples of a stage are drawn from indices of its own. */
const FIRST_INDEX: Readonly<Record<Stage, number>> = { skills: 0, 'head-room': 100_000_000 };

/** Share of quick traces by stage and topic: above one half a greedy policy guesses, below it works. */
export function quickShare(stage: Stage, topic: string): number {
  const every = WORKED_EVERY[stage];
  return TOPICS.findIndex(({ name }) => name === topic) % every === every - 1 ? 0.3 : 0.64;
}

/** Shares of the turns that a verifiable problem is shown in; the rest is forward alone. */
const ROLE_SHARES = { backward: 0.1, skeptic: 0.1, synthesizer: 0.1, forwardAgain: 0.03 } as const;
/** How often a claim that a role is shown is right. */
const RIGHT_CLAIMS = 0.55;

/** What `createPrompt` takes, and the completion to it. */
export interface WarmStartExample {
  readonly topic: string;
  readonly question: string;
  readonly role: Role;
  readonly turns: readonly Turn[];
  readonly completion: string;
}

/** A problem with what its traces need. */
interface Shown {
  readonly answer: string;
  readonly work: readonly string[];
  readonly wrong: (random: Random) => string;
}

export class WarmStart {
  readonly #held = new TwinIndex();

  constructor(
    private readonly seed: number,
    private readonly stage: Stage = 'skills',
  ) {
    for (const { question } of generateDataset(DATASET_SEED, { augment: true }).evaluation)
      this.#held.add(fingerprintOf(question));
  }

  /** Example number `place` of the stage, from 0. */
  example(place: number): WarmStartExample {
    const index = FIRST_INDEX[this.stage] + place;
    const random = new Random(this.seed, 'warm-start', index);
    if (random.uniform() < DRILL_SHARE) {
      const { question, answer, work } = drawDrill(random, 'pretrain');
      return forward('drill', { question, answer }, worked(work));
    }
    const type = weighted(DOMAINS, TYPE_WEIGHTS, random);
    const topic = random.pick(TOPICS.filter((each) => each.type === type));
    const written = this.#draw(topic, random, index);
    const { question, answer, work = [], constraints, unordered } = written;
    if (constraints || random.uniform() >= sum(ROLE_SHARES)) {
      if (random.uniform() >= quickShare(this.stage, topic.name))
        return forward(topic.name, written, worked(work));
      if (!constraints) return forward(topic.name, written, `The answer is ${answer}.`);
      const isDraft = this.stage === 'head-room';
      const text = isDraft ? draftOf(answer, constraints.required_keywords, random) : answer;
      return forward(topic.name, { question, answer: text }, 'The answer follows.');
    }
    const wrong = (): string => {
      const others = [1, 2, 3].map((k) => this.#draw(topic, random, index, k).answer);
      return wrongAnswer(answer, others, random, unordered) ?? answer;
    };
    return { topic: topic.name, question, ...debateTurn({ answer, work, wrong }, random) };
  }

  #draw(topic: Topic, random: Random, index: number, again = 0): Written {
    const difficulty = weighted(DIFFICULTIES, DIFFICULTY_WEIGHTS, random);
    const key = [this.seed, 'warm-start', index, topic.name, again];
    return drawExample(
      topic,
      difficulty,
      'pretrain',
      key,
      (question) => !this.#held.hasTwin(fingerprintOf(question)),
    ).written;
  }
}

function forward(
  topic: string,
  problem: { question: string; answer: string },
  trace: string,
): WarmStartExample {
  const completion = completionText(trace, problem.answer);
  return { topic, question: problem.question, role: 'forward', turns: [], completion };
}

/** An open answer that leaves out a part with something that was asked for; the whole answer where it has no such part. */
function draftOf(answer: string, keywords: readonly string[], random: Random): string {
  const parts = answer.split(/(?<=[.;]) /);
  const needed = parts.flatMap((part, i) =>
    keywords.some((keyword) => part.toLowerCase().includes(keyword.toLowerCase())) ? [i] : [],
  );
  if (parts.length < 2 || needed.length === 0) return answer;
  const left = random.pick(needed);
  return parts.filter((_, i) => i !== left).join(' ');
}

/** Steps as one trace. */
export function worked(work: readonly string[]): string {
  return `Work: ${work.join('. ')}.`;
}

/** One turn of a debate: the prompt of a role, with claims that may be wrong, and what the role should say. */
function debateTurn(shown: Shown, random: Random): Pick<WarmStartExample, 'role' | 'turns' | 'completion'> {
  const { answer, work } = shown;
  const claim = (): string => (random.uniform() < RIGHT_CLAIMS ? answer : shown.wrong(random));
  const said = { forward: claim(), backward: claim() };
  const verdict = verdictOf(answer, said);
  const turns: Turn[] = [
    { role: 'forward', text: said.forward },
    { role: 'backward', text: said.backward },
  ];
  const kind = weighted(['backward', 'skeptic', 'synthesizer', 'forwardAgain'] as const, ROLE_SHARES, random);
  switch (kind) {
    case 'backward': {
      const finding = said.backward === answer ? 'As supposed' : 'Not as supposed';
      const trace = `Suppose ${said.backward}. ${worked(work)} ${finding}.`;
      return { role: 'backward', turns: [], completion: completionText(trace, answer) };
    }
    case 'skeptic': {
      const marks = `Forward ${said.forward === answer ? 'holds' : 'fails'}. Backward ${said.backward === answer ? 'holds' : 'fails'}`;
      return { role: 'skeptic', turns, completion: completionText(`${worked(work)} ${marks}.`, verdict) };
    }
    case 'synthesizer': {
      const hasCritique = random.uniform() < 0.75;
      const heard: Turn[] = hasCritique ? [...turns, { role: 'skeptic', text: verdict }] : turns;
      const trace = synthesis(said, hasCritique ? verdict : null, work);
      return { role: 'synthesizer', turns: heard, completion: completionText(trace, answer) };
    }
    case 'forwardAgain': {
      const heard: Turn[] = [...turns, { role: 'skeptic', text: verdict }];
      return { role: 'forward', turns: heard, completion: completionText(worked(work), answer) };
    }
  }
}

type Said = { readonly forward: string; readonly backward: string };

function verdictOf(answer: string, { forward, backward }: Said): Verdict {
  if (forward === answer) return backward === answer ? 'both' : 'forward';
  return backward === answer ? 'backward' : 'neither';
}

/** How a judge gets to the right answer: by the critique where there is one, by working where nothing is to be trusted. */
function synthesis({ forward, backward }: Said, verdict: Verdict | null, work: readonly string[]): string {
  switch (verdict) {
    case 'both':
      return 'The critic holds with both.';
    case 'forward':
      return `The critic holds with forward. Forward is ${forward}.`;
    case 'backward':
      return `The critic holds with backward. Backward is ${backward}.`;
    case 'neither':
      return `Neither holds. ${worked(work)}`;
    case null:
      return `${forward === backward ? 'Both agree' : 'They differ'}. ${worked(work)}`;
  }
}

function sum(shares: Readonly<Record<string, number>>): number {
  return Object.values(shares).reduce((total, share) => total + share, 0);
}

/** One of `items`, with probability proportional to its weight. */
function weighted<const T extends string>(
  items: readonly T[],
  weights: Readonly<Record<T, number>>,
  random: Random,
): T {
  let left = random.uniform() * items.reduce((total, item) => total + weights[item], 0);
  for (const item of items) {
    left -= weights[item];
    if (left < 0) return item;
  }
  return items.at(-1)!;
}
