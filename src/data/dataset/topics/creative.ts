/**
 * Creative work: story openings, solutions to everyday problems, metaphors and lists of ideas, each with words that must
 * appear and a length that must be kept.
 *
 * Invariants: the example answer keeps the constraints it is asked to keep.
 */
import type { Random } from '../../../random.js';
import { type Constraints, type DrawForm, topicOf, type Written } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel, capitalize, closing, wordCount } from '../writing.js';
import { METAPHORS, PREMISES, PROBLEMS, TOPICS, WORDS } from './creative-pools.js';

/** Length limits around an answer, rounded to fives. */
function band(answer: string): Pick<Constraints, 'min_words' | 'max_words'> {
  const words = wordCount(answer);
  return { min_words: Math.floor((words * 0.6) / 5) * 5, max_words: Math.ceil((words * 1.5) / 5) * 5 };
}

function finish(
  scene: Random,
  wording: Random,
  task: {
    what: string;
    answer: string;
    required: readonly string[];
    plan: readonly string[];
    /** What the answer uses, in its order. */
    work: readonly string[];
    keywords: readonly string[];
  },
): Written {
  const limits = band(task.answer);
  const person = scene.pick(PEOPLE);
  const place = scene.pick(PLACES);
  const reader = scene.pick([
    'a school magazine',
    'a reading evening',
    'a radio show',
    'a wall newspaper',
    'a postcard series',
    'a writing club',
    'a town newsletter',
    'a family album',
  ]);
  const words = `"${task.required.join('", "')}"`;
  const question = wording.pick([
    `${person} needs a text for ${reader} in ${place}. ${capitalize(task.what)}. Use ${words}, and stay between ${limits.min_words} and ${limits.max_words} words.`,
    `For ${reader} in ${place}, ${task.what}. ${person} asks for ${limits.min_words} to ${limits.max_words} words, with ${words} among them.`,
    `${capitalize(task.what)}, as a piece for ${reader} that ${person} edits in ${place}. Length: ${limits.min_words} to ${limits.max_words} words. It must contain ${words}.`,
  ]);
  return {
    question: question + closing(wording),
    answer: task.answer,
    steps: [
      `The task sets limits that can be checked: the text must contain ${words}, and it must have between ${limits.min_words} and ${limits.max_words} words. Everything else is free, so the first choice is what the reader should feel or take away.`,
      ...task.plan,
      `Count and check at the end: the draft has ${wordCount(task.answer)} words, which is inside the limits, and each of the required expressions appears in it. Nothing is there only to fill space.`,
    ],
    work: task.work,
    keywords: task.keywords,
    constraints: { required_keywords: task.required, ...limits },
  };
}

const story: DrawForm = (random, difficulty) => {
  const premise = random.integer(0, PREMISES.length - 1);
  const words = random.shuffle(WORDS).slice(0, byLevel(difficulty, 2, 3, 5));
  const [world, law, place] = PREMISES[premise]!;
  return {
    form: 'story_opening',
    parameters: `${premise},${words
      .map(([word]) => word)
      .sort()
      .join('+')}`,
    write(scene, wording) {
      const hero = scene.pick(PEOPLE);
      const job = scene.pick([
        'an apprentice',
        'a retired judge',
        'a night porter',
        'a young courier',
        'a failed inventor',
        'a careful thief',
        'the new teacher',
        'a lost tourist',
      ]);
      const answer = [
        `${hero}, ${job}, had been told two things about ${place}: come alone, and remember that ${law}.`,
        ...words.map(([, sentence]) => sentence),
        `${hero} took a breath, counted to seven, and knocked.`,
      ].join(' ');
      return finish(scene, wording, {
        what: `write the opening of a story about ${world}, with ${hero}, ${job}, as the hero`,
        answer,
        required: words.map(([word]) => word),
        plan: [
          `Find the one rule that makes ${world} different: here, ${law}. A rule is stronger than a description, since it promises trouble.`,
          `Put a person under that rule at once. ${hero}, ${job}, stands at the edge of ${place} and wants to get in, so there is a goal from the first sentence.`,
          `Give each required word a thing to do in the scene: ${words.map(([word]) => word).join(', ')} become details that can be seen, heard or touched, and each hints that something is wrong.`,
          `End on an action that is not finished, so that the reader wants the next sentence. A knock does this, because nobody knows who will open.`,
        ],
        work: [world, `use ${hero}, ${job}, ${place}`, `then ${words.map(([word]) => word).join(', ')}`],
        keywords: ['story', 'opening', 'fiction'],
      });
    },
  };
};

const solution: DrawForm = (random, difficulty) => {
  const index = random.integer(0, PROBLEMS.length - 1);
  const [problem, ...all] = PROBLEMS[index]!;
  const budget = random.integer(1, 12) * 25;
  const days = random.integer(2, 20);
  const measures = random.shuffle(all).slice(0, byLevel(difficulty, 2, 3, 3));
  const isHard = difficulty === 'hard';
  return {
    form: 'problem_solving',
    parameters: `${index},${budget},${days},${isHard},${[...measures].sort().join('+')}`,
    write(scene, wording) {
      const owner = scene.pick([
        'a youth hostel',
        'a small school',
        'a housing block',
        'a sports hall',
        'a town hall',
        'a student home',
        'a village club',
        'a health centre',
      ]);
      const ordinals = ['First', 'Then', 'Last'];
      const answer = [
        `The problem is ${problem} in ${owner}.`,
        ...measures.map(
          (measure, i) => `${ordinals[i]}, ${measure}, because it costs little and shows an effect soon.`,
        ),
        `Test this for ${days} days with a budget of ${budget} crowns.`,
        ...(isHard
          ? [
              `If it fails, keep the part that worked, ask the people concerned what still bothers them, and change one thing at a time.`,
            ]
          : []),
      ].join(' ');
      const required = [`${days} days`, `${budget} crowns`, ...(isHard ? ['if it fails'] : [])];
      return finish(scene, wording, {
        what: `propose a way to deal with ${problem} in ${owner}, to be tested within ${days} days on ${budget} crowns${isHard ? ', with a plan for the case that it does not work' : ''}`,
        answer,
        required,
        plan: [
          `State the problem without blaming anyone: ${problem}. Ask who suffers from it, when, and what has been tried, since a solution for the wrong cause is wasted.`,
          `Collect possible measures before judging them: ${all.join('; ')}. Then compare them by cost, by effort and by how soon an effect can be seen.`,
          `Within ${days} days and ${budget} crowns only light measures are possible. ${capitalize(measures.join(' and '))} can be started at once and undone if they do not help.`,
          `A test needs an end and a measure of success, so the proposal names both the time and the budget.${isHard ? ' It also says what happens if the test fails, so that failing teaches something.' : ''}`,
        ],
        work: [`use ${problem}, ${owner}`, `then ${measures.join(', ')}`, `then ${required.join(', ')}`],
        keywords: ['problem solving', 'proposal', 'test'],
      });
    },
  };
};

const metaphor: DrawForm = (random, difficulty) => {
  const index = random.integer(0, METAPHORS.length - 1);
  const [idea, image, ...links] = METAPHORS[index]!;
  const count = byLevel(difficulty, 2, 3, 3);
  const chosen = random.shuffle(links).slice(0, count);
  const extra = random.shuffle(WORDS).slice(0, byLevel(difficulty, 1, 1, 3));
  return {
    form: 'metaphor',
    parameters: `${index},${[...chosen].sort().join('+')},${extra
      .map(([word]) => word)
      .sort()
      .join('+')}`,
    write(scene, wording) {
      const hero = scene.pick(PEOPLE);
      const answer = [
        `For ${hero}, ${idea} is like ${image}.`,
        ...chosen.map((link, i) => `${['In both', 'Again as there', 'And in both'][i]}, ${link}.`),
        ...extra.map(([, sentence]) => sentence),
        `Where the picture ends, ${idea} goes on: ${image} stays where it is, and ${idea} does not.`,
      ].join(' ');
      return finish(scene, wording, {
        what: `explain ${idea} through a metaphor that ${hero} could use, comparing it with ${image}`,
        answer,
        required: [image, ...extra.map(([word]) => word)],
        plan: [
          `A metaphor carries what is known about one thing over to another one. The familiar thing is ${image}, the thing to be understood is ${idea}.`,
          `List what both share, and keep only what says something: ${chosen.join('; ')}. A likeness of mere looks would not explain anything.`,
          `Build the text from these shared traits, one sentence each, and let ${extra.map(([word]) => word).join(', ')} bring it close to the senses.`,
          `Say honestly where the comparison breaks, because that is what makes the reader trust it: ${image} stays in one place and ${idea} moves.`,
        ],
        work: [
          `use ${hero}, ${idea}, ${image}`,
          `then ${chosen.join(', ')}`,
          `then ${extra.map(([word]) => word).join(', ')}`,
        ],
        keywords: ['metaphor', 'analogy', idea],
      });
    },
  };
};

const brainstorm: DrawForm = (random, difficulty) => {
  const index = random.integer(0, TOPICS.length - 1);
  const [subject, ...all] = TOPICS[index]!;
  const ideas = random.shuffle(all).slice(0, byLevel(difficulty, 3, 4, 6));
  const favourite = random.integer(0, ideas.length - 1);
  return {
    form: 'brainstorming',
    parameters: `${index},${[...ideas].sort().join('+')},${favourite}`,
    write(scene, wording) {
      const people = scene.pick([
        'a scout group',
        'a class',
        'three neighbours',
        'a book circle',
        'a family',
        'a youth club',
        'a choir',
        'a sailing crew',
      ]);
      const limit = scene.pick([
        'no money',
        'half an hour',
        'a small room',
        'two helpers',
        'bad weather',
        'a short week',
      ]);
      const answer = [
        `Ideas for ${people} on ${subject}, with ${limit} in mind:`,
        ...ideas.map(
          (idea, i) => `${i + 1}. ${capitalize(idea)}: it can be tried at once and suits ${people}.`,
        ),
        `Best choice: ${ideas[favourite]}, as it asks for the least and everyone can join.`,
      ].join(' ');
      return finish(scene, wording, {
        what: `brainstorm ${ideas.length} ideas on ${subject} for ${people}, given ${limit}, and choose the best one with a reason`,
        answer,
        required: ['best choice', limit],
        plan: [
          `In the first round collect without judging, as many ideas as come up on ${subject}: ${all.join('; ')}. Criticism at this point would stop the flow.`,
          `In the second round look at the limit, ${limit}, and at the people, ${people}. Drop what does not fit and keep ${ideas.length}: ${ideas.join('; ')}.`,
          `Make the ideas differ from each other, so that the list covers several directions rather than one idea in several dresses.`,
          `Choose by a rule that is said openly: the least effort and the most people who can join. By this rule ${ideas[favourite]} comes first.`,
        ],
        work: [
          `use ${people}, ${subject}, ${limit}`,
          `then ${ideas.join(', ')}`,
          `then best choice ${ideas[favourite]}`,
        ],
        keywords: ['brainstorming', 'ideas', 'choice'],
      });
    },
  };
};

export const creativeTopics = [
  topicOf('story', 'creative', 'fiction', [story]),
  topicOf('problem_solving', 'creative', 'problem_solving', [solution]),
  topicOf('metaphor', 'creative', 'metaphor', [metaphor]),
  topicOf('brainstorming', 'creative', 'brainstorming', [brainstorm]),
];
