/** Deduction: rules of the form "if … then …" with a fact, and comparisons that form a ranking. */
import { type DrawForm, topicOf } from '../example.js';
import { PLACES, peopleOf } from '../scenes.js';
import { byLevel, closing } from '../writing.js';
import { answerIs, inPlaces } from './compact-work.js';

/** Statements and their opposites. */
const FACTS = [
  ['the bell rings', 'the bell does not ring'],
  ['the gate is open', 'the gate is not open'],
  ['the lamp is lit', 'the lamp is not lit'],
  ['the market is busy', 'the market is not busy'],
  ['the ferry leaves', 'the ferry does not leave'],
  ['the river is high', 'the river is not high'],
  ['the baker is awake', 'the baker is not awake'],
  ['the dog barks', 'the dog does not bark'],
  ['the flag is up', 'the flag is not up'],
  ['the road is wet', 'the road is not wet'],
  ['the clock is right', 'the clock is not right'],
  ['the school is closed', 'the school is not closed'],
  ['the band plays', 'the band does not play'],
  ['the well is full', 'the well is not full'],
] as const;

/** A chain of implications and one fact at an end; the question is about another link. */
const implications: DrawForm = (random, difficulty) => {
  const count = byLevel(difficulty, 3, 4, 6);
  const rules = random.shuffle(Array.from({ length: count - 1 }, (_, k) => k)).map((k) => ({
    k,
    isContraposed: difficulty !== 'easy' && random.integer(0, 1) === 1,
  }));
  const known = random.integer(0, count - 1);
  const isTrue = random.integer(0, 1) === 1;
  let asked = random.integer(0, count - 2);
  if (asked >= known) asked++;
  // A true link makes all later ones true; a false one makes all earlier ones false; the rest stays open.
  const verdict = isTrue && asked > known ? 'yes' : !isTrue && asked < known ? 'no' : 'unknown';
  return {
    form: 'implications',
    parameters: `${rules.map(({ k, isContraposed }) => `${k}${isContraposed ? "'" : ''}`).join('.')},${known}${isTrue},${asked}`,
    write(scene, wording) {
      const facts = scene.shuffle(FACTS).slice(0, count);
      const place = scene.pick(PLACES);
      const [a] = peopleOf(scene, 1) as [string];
      const say = (k: number, positive: boolean): string => facts[k]![positive ? 0 : 1];
      const said = rules.map(({ k, isContraposed }) =>
        isContraposed
          ? `If ${say(k + 1, false)}, then ${say(k, false)}.`
          : `If ${say(k, true)}, then ${say(k + 1, true)}.`,
      );
      const fact = say(known, isTrue);
      const question = wording.pick([
        `In ${place} these rules hold. ${said.join(' ')} Today ${a} observes that ${fact}. Does it follow that ${say(asked, true)}? Answer yes, no or unknown.`,
        `${a} keeps a list of rules about a town near ${place}. ${said.join(' ')} Now it is certain that ${fact}. Is it so that ${say(asked, true)}? Answer yes, no or unknown.`,
        `Take these rules of life in ${place} as true. ${said.join(' ')} According to ${a}, ${fact}. Can we conclude that ${say(asked, true)}? Answer yes, no or unknown.`,
      ]);
      const steps = [
        `A rule "if P, then Q" can be used in two ways: from P follows Q, and from the opposite of Q follows the opposite of P. From Q alone, or from the opposite of P, nothing follows.`,
        `Put the rules in order, so that each one begins where another one ends: ${Array.from({ length: count }, (_, k) => say(k, true)).join(', then ')}. ${rules.some((rule) => rule.isContraposed) ? 'Rules given with opposites were turned around for this.' : ''}`.trim(),
        `The fact is that ${fact}. ${isTrue ? 'So everything after this link of the chain is true as well, and nothing is known about the links before it.' : 'So everything before this link of the chain is false as well, and nothing is known about the links after it.'}`,
      ];
      const [from, to] = isTrue ? [known, asked] : [asked, known];
      // What follows from the fact, one rule at a time, up to the link that is asked about or to the end.
      const end = verdict !== 'unknown' ? asked : isTrue ? count - 1 : 0;
      const derived = Array.from(
        { length: Math.abs(end - known) },
        (_, i) => known + (isTrue ? i + 1 : -i - 1),
      );
      if (verdict !== 'unknown') {
        const links = Array.from({ length: to - from }, (_, i) => (isTrue ? from + i + 1 : to - i - 1));
        steps.push(
          `Walking along the chain, one rule at a time: ${links.map((k) => say(k, isTrue)).join('; so ')}.`,
        );
        steps.push(
          `The question was whether ${say(asked, true)}. ${verdict === 'yes' ? 'That was just derived.' : 'The opposite was just derived.'} The answer is ${verdict}.`,
        );
      } else {
        steps.push(
          `The question is about the link on the other side. A world in which ${say(asked, true)} and one in which ${say(asked, false)} both fit all rules and the fact, since no rule leads there.`,
          `Concluding anything would use a rule in the wrong direction. The answer is unknown.`,
        );
      }
      return {
        question: question + closing(wording),
        answer: verdict,
        steps,
        work: [
          `asked ${say(asked, true)}`,
          fact,
          ...derived.map((k) => say(k, isTrue)),
          ...(verdict === 'unknown' ? ['no rule'] : []),
          answerIs(verdict),
        ],
        keywords: ['deduction', 'implication', 'contraposition'],
      };
    },
  };
};

const SCALES = [
  ['taller', 'shorter', 'tallest', 'shortest'],
  ['older', 'younger', 'oldest', 'youngest'],
  ['faster', 'slower', 'fastest', 'slowest'],
  ['richer', 'poorer', 'richest', 'poorest'],
  ['louder', 'quieter', 'loudest', 'quietest'],
  ['stronger', 'weaker', 'strongest', 'weakest'],
] as const;

const ranking: DrawForm = (random, difficulty) => {
  const count = byLevel(difficulty, 3, 4, 6);
  const clues = random
    .shuffle(Array.from({ length: count - 1 }, (_, k) => k))
    .map((k) => ({ k, isMore: random.integer(0, 1) === 1 }));
  const wanted = random.integer(0, count - 1);
  return {
    form: 'ranking',
    parameters: `${clues.map(({ k, isMore }) => `${k}${isMore ? '>' : '<'}`).join('')},${wanted}`,
    write(scene, wording) {
      const names = peopleOf(scene, count);
      const place = scene.pick(PLACES);
      const [more, less, most] = scene.pick(SCALES);
      const say = ({ k, isMore }: { k: number; isMore: boolean }): string =>
        isMore
          ? `${names[k]} is ${more} than ${names[k + 1]}`
          : `${names[k + 1]} is ${less} than ${names[k]}`;
      const ordinal = ['', 'second ', 'third ', 'fourth ', 'fifth ', 'sixth '][wanted];
      const said = clues.map((clue) => `${say(clue)}.`).join(' ');
      const team = scene.pick([
        'choir',
        'rowing team',
        'class',
        'chess club',
        'dance group',
        'hiking group',
        'bakery',
        'fire brigade',
      ]);
      const question = wording.pick([
        `In a ${team} in ${place} the following is known. ${said} Who is the ${ordinal}${most} of these ${count}?`,
        `${said} All of them belong to a ${team} from ${place}. Which of the ${count} is the ${ordinal}${most}?`,
        `About the people in a ${team} in ${place}: ${said} Name the ${ordinal}${most} one among the ${count}.`,
      ]);
      const answer = names[wanted]!;
      const steps = [
        `Bring every statement into the same direction, so that the ${more} person comes first. Two statements that share a person can then be joined into a longer chain.`,
        ...clues.map(
          (clue) =>
            `From "${say(clue)}" it follows that ${names[clue.k]} stands directly before ${names[clue.k + 1]} in the chain, because ${names[clue.k]} is the ${more} one of the two.`,
        ),
        `Joined at the shared names, the chain is ${names.join(', ')}, from the ${most} on. Every person appears once, so the ranking is complete.`,
        `Counting from the front, place ${wanted + 1} belongs to ${answer}. The answer is ${answer}.`,
      ];
      return {
        question: question + closing(wording),
        answer,
        steps,
        work: [
          ...clues.map(({ k }) => `${names[k]} > ${names[k + 1]}`),
          `up ${names
            .slice(0, clues[0]!.k + 1)
            .reverse()
            .join(', ')}`,
          inPlaces(names),
          answerIs(answer),
        ],
        keywords: ['deduction', 'ordering', 'transitivity'],
      };
    },
  };
};

export const deduction = topicOf('deduction', 'logic_puzzle', 'deductive_reasoning', [implications, ranking]);
