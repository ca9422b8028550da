/**
 * The one prompt and the one completion form of the project, so that data, policy and rewards cannot drift apart.
 *
 * Invariants: a prompt is PROMPT_START, the question, PROMPT_END, byte for byte; the tokenizer of the nano policy
 * holds both fixed parts as single tokens.
 */

/** What stands before the question. */
export const PROMPT_START = `You are a helpful AI that shows reasoning step-by-step.

**Instructions:**
- Think through the problem carefully
- Show your work in <reasoning> tags
- Put your final answer in <answer> tags

**Question:**
`;

/** What stands after the question; the completion follows at once. */
export const PROMPT_END = `

**Response:**`;

/** The four tags of a completion, in the order in which they must come. */
export const TAGS = ['<reasoning>', '</reasoning>', '<answer>', '</answer>'] as const;

/** The prompt for a question. */
export function createPrompt(question: string): string {
  return `${PROMPT_START}${question}${PROMPT_END}`;
}

/** A well-formed completion, in the shortest form that the format reward pays in full. */
export function completionText(trace: string, answer: string): string {
  return `<reasoning>${trace}</reasoning><answer>${answer}</answer>`;
}
