/** The transcript of `solve` for people. Pure: records in, safe text out. */
import picocolors from 'picocolors';
import { sanitizeLine, sanitizeText } from '../../observe/sanitize.js';
import type { AnsweredCompletion, ExpansionEvent, PlanStop, TurnEvent } from '../../rollout/plan-events.js';
import type { Solution } from '../../solve/solution.js';

const STOPS: Readonly<Record<Exclude<PlanStop, 'interrupted'>, string>> = {
  completed: 'all completions were sampled',
  cut_off: 'every completion reached its token limit',
  budget: 'the budget was used up',
  budget_too_small: 'the budget is too small for a completion',
  consensus: 'forward and backward agree',
  unchanged: 'nobody changed an answer',
  rounds: 'the last round was over',
  rollouts: 'all rollouts were made',
  nodes: 'the tree is full',
  exhausted: 'nothing new was found',
  solved: 'a right answer was found',
};

const VOTES_SHOWN = 5;
const ANSWER_CHARACTERS = 80;

/** Title of one completion of several. */
export function completionTitle(index: number, samples: number, color: boolean): string {
  return `${picocolors.createColors(color).bold(`Completion ${index + 1} of ${samples}`)}\n`;
}

/** What was read of a completion. */
export function answerLine({ answer, stopped }: AnsweredCompletion, color: boolean): string {
  const { dim } = picocolors.createColors(color);
  const found = answer === null ? 'no answer' : sanitizeLine(answer, ANSWER_CHARACTERS);
  return `${dim(`-> ${found}${stopped ? '' : ' (cut off)'}`)}\n`;
}

/** Stands where a completion was cut by an interruption. */
export function interruptedLine(color: boolean): string {
  return `${picocolors.createColors(color).dim('-> interrupted')}\n`;
}

/** One turn of a debate. */
export function renderTurn({ role, round, completions, promptTooLong }: TurnEvent, color: boolean): string {
  const { bold, dim } = picocolors.createColors(color);
  const title = bold(`Round ${round + 1}, ${role}`);
  if (promptTooLong) return `${title}\n${dim('-> nothing: the prompt leaves no room for a completion')}\n\n`;
  const said = completions.map((each) => {
    const text = sanitizeText(each.text).trimEnd();
    return `${text === '' ? '' : `${text}\n`}${answerLine(each, color)}`;
  });
  return `${title}\n${said.join('')}\n`;
}

/** How far a search is. */
export function renderExpansion({ rollouts, tokens, nodes }: ExpansionEvent, budget: number): string {
  return `tree: ${rollouts} rollouts, ${nodes} nodes, ${tokens} of ${budget} tokens`;
}

/** The answer, who voted for what, and what it cost. */
export function renderSolution(solution: Solution, color: boolean): string {
  const { bold, dim } = picocolors.createColors(color);
  const { answer, votes, strategy, seconds } = solution;
  const total = votes.reduce((sum, { count }) => sum + count, 0);
  const shown = votes
    .slice(0, VOTES_SHOWN)
    .map((vote) => `${sanitizeLine(vote.answer, ANSWER_CHARACTERS)} (${vote.count})`);
  const rest = votes.length > VOTES_SHOWN ? `, and ${votes.length - VOTES_SHOWN} more` : '';
  return [
    ...(total > 1 ? [dim(`Votes: ${shown.join(', ')}${rest}`)] : []),
    answer === null ? bold('No answer.') : `${bold(answerLabel(solution))} ${sanitizeText(answer)}`,
    dim(`${strategy}: ${endText(solution)}, ${seconds.toFixed(1)} s.`),
    '',
  ].join('\n');
}

function answerLabel({ stop }: Solution): string {
  return stop === 'interrupted' ? 'Answer so far:' : 'Answer:';
}

function endText({ stop, tokens, unfinishedTokens, budget }: Solution): string {
  const spent = `${tokens} of ${budget} tokens`;
  if (stop !== 'interrupted') return `${STOPS[stop]}. ${spent}`;
  const cut = unfinishedTokens > 0 ? `, ${unfinishedTokens} of them in unfinished completions` : '';
  return `interrupted after ${spent}${cut}`;
}

/** Stands beside the bare answer where it is only the best one so far. */
export function partialText({ tokens, budget }: Pick<Solution, 'tokens' | 'budget'>): string {
  return `Interrupted after ${tokens} of ${budget} tokens: the answer is the best one so far.`;
}

/** Why there is no answer, and what to do. */
export function noAnswerText(
  { stop, budget, maxTokens, completion }: Pick<Solution, 'stop' | 'budget' | 'maxTokens' | 'completion'>,
  leastTokens: number,
): string {
  switch (stop) {
    case 'budget_too_small':
      return `No answer: a budget of ${budget} tokens is too small for one completion, which needs ${leastTokens}; raise --budget.`;
    case 'budget':
      return `No answer: the budget of ${budget} tokens was used up before one; raise --budget.`;
    case 'cut_off':
      return `No answer: every completion was cut off at ${maxTokens} tokens; raise --max-tokens.`;
    case 'interrupted':
      return `No answer: interrupted before ${completion === null ? 'a completion was finished' : 'one could be read'}.`;
    default:
      return 'No answer: none could be read between one pair of <answer> tags; try --samples, another --strategy or --seed.';
  }
}
