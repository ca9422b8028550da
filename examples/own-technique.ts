/**
 * A technique of your own is a plan: it says what to ask for, takes what comes, and ends with an answer and a group.
 *
 * This one asks twice and only then goes on: where the first two completions agree, more would change nothing, so it saves them; where
 * they differ, it asks for the rest. The same plan answers questions (`solve`) and trains (`train`, which imports this very module).
 */
import { pathToFileURL } from 'node:url';
import {
  completionsOf,
  joined,
  type MakePlan,
  type Plan,
  type PlanSetting,
  type PlanStop,
  plurality,
  readAnswer,
  type ScoredCompletions,
  sameAnswer,
  solve,
  votesOf,
} from 'dialectic';

const FIRST = 2;

class AskTwice implements Plan {
  readonly #promptTokens: Int32Array; // [P]
  readonly #parts: ScoredCompletions[] = [];
  #asked = 0;
  stop: PlanStop | null = null;

  constructor(private readonly setting: PlanSetting) {
    this.#promptTokens = setting.encodePrompt('forward', []);
  }

  takeRequests() {
    const isWaiting = this.#asked > this.#parts.length;
    if (isWaiting || this.stop !== null) return [];
    const { samples, maxTokens } = this.setting;
    const sampleCount = this.#asked === 0 ? Math.min(FIRST, samples) : samples - FIRST;
    const stream = this.#asked++; // the key of the random numbers
    return [{ stream, role: 'forward' as const, promptTokens: this.#promptTokens, sampleCount, maxTokens }];
  }

  accept(_stream: number, completions: ScoredCompletions) {
    this.#parts.push(completions);
    const [first, second] = completions.texts.map(readAnswer);
    const agree = first != null && second != null && sameAnswer(first, second);
    if (this.#parts.length === 2 || agree || this.setting.samples <= FIRST) this.stop = 'completed';
  }

  interrupt() {
    this.stop ??= 'interrupted';
  }

  result() {
    const completions = this.#parts.flatMap(completionsOf);
    const answers = completions.map(({ text }) => readAnswer(text));
    const chosen = plurality(answers, sameAnswer);
    return {
      answer: answers[chosen] ?? null,
      completion: completions[Math.max(0, chosen)]?.text ?? null,
      stop: this.stop ?? 'interrupted',
      tokens: completions.reduce((sum, { tokens }) => sum + tokens, 0),
      votes: votesOf(answers),
      details: { asked: this.#asked },
    };
  }

  groups() {
    if (this.#parts.length === 0) return [];
    const { rewards, ...arrays } = joined(this.#parts);
    return rewards
      ? [{ name: null, role: 'forward' as const, promptTokens: this.#promptTokens, ...arrays, rewards }]
      : [];
  }

  takeEvents = () => [];
  artifact = () => ({ name: 'ask-twice.json', content: { asked: this.#asked } });
}

const askTwice: MakePlan = (setting) => new AskTwice(setting);
export default askTwice;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const question of ['What is 15% of 240?', 'What is 7/12 of 840?']) {
    const { answer, tokens, votes } = await solve(question, { plan: askTwice, samples: 8 });
    console.log(`${question} ${answer} (${tokens} tokens, ${votes.map(({ count }) => count).join(' to ')})`);
  }
}
