/**
 * A debate about one question, within a budget of tokens.
 *
 * Invariants: no reference answer is known, so none can reach a prompt; turns of one stage share what is left evenly, and a stage that
 * has too little ends the debate with the most frequent answer given so far.
 */

import type { Turn } from '../data/prompt.js';
import { DialecticError } from '../errors.js';
import type { Role } from '../protocol/index.js';
import { type Answer, plurality, verdictOf } from '../techniques/debate/answers.js';
import { Debate, type DebateTurn } from '../techniques/debate/debate.js';
import {
  MIN_COMPLETION_TOKENS,
  type Plan,
  type PlanOutcome,
  type PlanRequest,
  type PlanResult,
  readAnswer,
  sameAnswer,
  votesOf,
  type WholeCompletion,
} from './plan.js';
import type { AnsweredCompletion, Completion, SolveStop, TurnEvent } from './solution.js';

export interface DebatePlanOptions {
  /** Token ids of the prompt of a role, after what others said. */
  readonly encodePrompt: (role: Role, turns: readonly Turn[]) => Int32Array;
  /** Completions of each turn; the skeptic gives one, since the first verdict that can be read counts. */
  readonly samples: number;
  readonly maxRounds: number;
  readonly budget: number;
  /** Of one completion. */
  readonly maxTokens: number;
  /** Positions of the policy that a prompt and a completion may fill. */
  readonly capacity: number;
}

export class DebatePlan implements Plan {
  readonly #debate: Debate;
  readonly #out = new Map<number, DebateTurn>();
  readonly #said = new Map<string, readonly Completion[]>();
  readonly #events: TurnEvent[] = [];
  /** Turns of the stage under way, and what came of them: events follow in the order of the turns. */
  #stage: readonly DebateTurn[] = [];
  readonly #stageEvents = new Map<string, TurnEvent>();
  #shown = 0;
  #spent = 0;
  #isShort = false;
  #isInterrupted = false;

  constructor(private readonly options: DebatePlanOptions) {
    const { samples, maxRounds } = options;
    this.#debate = new Debate({
      samplesPerTurn: { forward: samples, backward: samples, skeptic: 1, synthesizer: samples },
      ...{ maxRounds, equivalent: sameAnswer, withCredit: false },
    });
  }

  takeRequests(): readonly PlanRequest[] {
    while (this.#out.size === 0 && !this.#isShort && !this.#isInterrupted && !this.#debate.end()) {
      const requests = this.#beginStage();
      if (requests.length > 0) return requests;
    }
    return [];
  }

  accept(stream: number, { completions }: PlanResult): void {
    const turn = this.#out.get(stream);
    if (!turn) throw new DialecticError('INTERNAL', `turn of stream ${stream} is not asked for`);
    this.#out.delete(stream);
    this.#take(turn, completions, false);
  }

  interrupt(whole: readonly WholeCompletion[]): void {
    if (this.outcome()) return;
    this.#isInterrupted = true;
    for (const [stream, turn] of this.#out) {
      const given = whole
        .filter((each) => each.stream === stream)
        .map(({ text, tokens, stopped }) => ({ text, tokens, stopped }));
      if (given.length > 0) this.#hear(turn, given, false);
    }
    this.#out.clear();
    this.#events.push(...this.#stage.flatMap(({ id }) => this.#stageEvents.get(id) ?? []));
  }

  takeEvents(): readonly TurnEvent[] {
    const events = this.#events.slice(this.#shown);
    this.#shown = this.#events.length;
    return events;
  }

  outcome(): PlanOutcome | null {
    const outcome = this.#debate.end();
    if (outcome?.final) {
      const { turnId, sample, answer } = outcome.final;
      const completion = this.#said.get(turnId)?.[sample]?.text ?? null;
      return this.#ended(outcome.stop, answer, completion, outcome.rounds);
    }
    if (!this.#isShort && !this.#isInterrupted) return null;
    const given = this.#answersGiven();
    const chosen =
      given[
        plurality(
          given.map(({ answer }) => answer),
          sameAnswer,
        )
      ];
    const rounds = Math.max(0, ...this.#events.map(({ round }) => round + 1));
    const isTooSmall = this.#spent === 0;
    const stop = this.#isInterrupted ? 'interrupted' : isTooSmall ? 'budget_too_small' : 'budget';
    return this.#ended(stop, chosen?.answer ?? null, (chosen ?? given[0])?.text ?? null, rounds);
  }

  artifact(): { name: string; content: object } {
    return { name: 'debate.json', content: { maxRounds: this.options.maxRounds, turns: this.#events } };
  }

  #ended(stop: SolveStop, answer: Answer, completion: string | null, rounds: number): PlanOutcome {
    const votes = votesOf(this.#answersGiven().map((given) => given.answer));
    return { answer, completion, stop, tokens: this.#spent, votes, details: { rounds } };
  }

  /** What everybody but the skeptic answered. */
  #answersGiven(): AnsweredCompletion[] {
    return this.#events.filter(({ role }) => role !== 'skeptic').flatMap(({ completions }) => completions);
  }

  /** Requests of the turns that are open now; those whose prompt leaves no room are answered at once, without an answer. */
  #beginStage(): PlanRequest[] {
    const { encodePrompt, capacity, budget } = this.options;
    this.#stage = this.#debate.requests();
    const prompts = this.#stage.map((turn) => ({ turn, promptTokens: encodePrompt(turn.role, turn.turns) }));
    const fits = prompts.filter(({ promptTokens }) => capacity - promptTokens.length >= this.#leastTokens);
    const completions = fits.reduce((sum, { turn }) => sum + turn.sampleCount, 0);
    const share = Math.floor((budget - this.#spent) / Math.max(1, completions));
    if (fits.length > 0 && share < this.#leastTokens) {
      this.#isShort = true;
      return [];
    }
    for (const each of prompts) if (!fits.includes(each)) this.#take(each.turn, [], true);
    return fits.map(({ turn, promptTokens }) => {
      this.#out.set(turn.stream, turn);
      const maxTokens = Math.min(this.options.maxTokens, share, capacity - promptTokens.length);
      return { stream: turn.stream, promptTokens, sampleCount: turn.sampleCount, maxTokens };
    });
  }

  get #leastTokens(): number {
    return Math.min(MIN_COMPLETION_TOKENS, this.options.maxTokens);
  }

  #take(turn: DebateTurn, given: readonly Completion[], promptTooLong: boolean): void {
    const completions = this.#hear(turn, given, promptTooLong);
    if (this.#stageEvents.size === this.#stage.length) {
      this.#events.push(...this.#stage.map((each) => this.#stageEvents.get(each.id)!));
      this.#stageEvents.clear();
    }
    const answers = Array.from({ length: turn.sampleCount }, (_, i) => completions[i]?.answer ?? null);
    const tokenCount = given.reduce((sum, { tokens }) => sum + tokens, 0);
    this.#debate.accept(turn.id, { answers, tokenCount });
  }

  /** Notes what a role said. */
  #hear(turn: DebateTurn, given: readonly Completion[], promptTooLong: boolean): AnsweredCompletion[] {
    const { id, role, round, turns: heard } = turn;
    const completions = given.map((completion) => {
      const answer = readAnswer(completion.text);
      return { ...completion, answer: role === 'skeptic' ? verdictOf(answer) : answer };
    });
    this.#spent += given.reduce((sum, { tokens }) => sum + tokens, 0);
    this.#said.set(id, given);
    this.#stageEvents.set(id, { type: 'turn', id, role, round, heard, completions, promptTooLong });
    return completions;
  }
}
