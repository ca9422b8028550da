/** Examples in memory: loaded and checked, counted, and turned into prompts. */
import { DialecticError } from '../../errors.js';
import { createPrompt, PROMPT_START } from '../prompt.js';
import type { Example } from './example.js';
import { readExamples } from './read-examples.js';
import { type ReadOptions, skippedText } from './read-rows.js';
import { type DatasetStatistics, statisticsOf } from './statistics.js';

/** Renders a conversation with a model's chat template, ready for the assistant's turn. */
type RenderPrompt = (
  messages: readonly { readonly role: 'system' | 'user'; readonly content: string }[],
) => string;

const INSTRUCTIONS = PROMPT_START.slice(0, PROMPT_START.indexOf('\n\n**Question:**'));

export class ReasoningDataset {
  readonly examples: readonly Example[];
  readonly statistics: DatasetStatistics;
  /** Rows that were left out while loading, by reason. */
  readonly skipped: ReadonlyMap<string, number>;

  constructor(examples: readonly Example[], skipped: ReadonlyMap<string, number> = new Map()) {
    this.examples = examples;
    this.skipped = skipped;
    this.statistics = statisticsOf(examples);
  }

  /** Reads a `.jsonl`, `.jsonl.gz` or `.parquet` file. Throws DATA for a bad row (unless rows are skipped) and for a file without any good one. */
  static async load(path: string, options: ReadOptions = {}): Promise<ReasoningDataset> {
    const skipped = options.skipped ?? new Map<string, number>();
    const examples: Example[] = [];
    for await (const example of readExamples(path, { ...options, skipped })) examples.push(example);
    if (examples.length === 0) {
      const reasons = skippedText(skipped);
      throw new DialecticError(
        'DATA',
        `${path} holds no example${reasons ? ` (skipped: ${reasons})` : ''}. Expected JSON lines or Parquet.`,
      );
    }
    return new ReasoningDataset(examples, skipped);
  }

  /** The project's prompt for an example, or, with a chat template, the same instructions and question as one user turn. */
  createPrompt(example: Pick<Example, 'question'>, render?: RenderPrompt): string {
    if (!render) return createPrompt(example.question);
    return render([{ role: 'user', content: `${INSTRUCTIONS}\n\n**Question:**\n${example.question}` }]);
  }
}
