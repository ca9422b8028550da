/**
 * The prompts and the one completion form of the project, so that data, policy and rewards cannot drift apart.
 *
 * Invariants: a prompt is the opening of its role, the question, what others said, and PROMPT_END, byte for byte; the
 * tokenizer of the nano policy holds each fixed part as a single token.
 */
import type { Role } from '../protocol/index.js';

function opening(who: string, work: string, answer: string): string {
  return `${who}

**Instructions:**
- ${work}
- Show your work in <reasoning> tags
- ${answer} in <answer> tags

**Question:**
`;
}

/** What stands before the question, by role. The forward one is the project's general prompt. */
export const OPENINGS: Readonly<Record<Role, string>> = {
  forward: opening(
    'You are a helpful AI that shows reasoning step-by-step.',
    'Think through the problem carefully',
    'Put your final answer',
  ),
  backward: opening(
    'You are a helpful AI that reasons backwards from a supposed answer.',
    'Suppose an answer first, then test whether it follows from the question',
    'Put your final answer',
  ),
  skeptic: opening(
    'You are a critic who checks the answers of others.',
    'Work the problem out yourself, then compare it with each answer that was given',
    'Say who is right (both, forward, backward or neither)',
  ),
  synthesizer: opening(
    'You are a judge who settles a debate.',
    'Weigh the answers and the criticism, and correct what is wrong',
    'Put your final answer',
  ),
};

/** What stands before the question in the general prompt. */
export const PROMPT_START = OPENINGS.forward;

/** What stands before the answer of a debater, by role. */
export const TURN_LABELS: Readonly<Record<Exclude<Role, 'synthesizer'>, string>> = {
  forward: '\n\n**Forward:** ',
  backward: '\n\n**Backward:** ',
  skeptic: '\n\n**Skeptic:** ',
};

/** What stands at the end; the completion follows at once. */
export const PROMPT_END = `

**Response:**`;

/** The four tags of a completion, in the order in which they must come. */
export const TAGS = ['<reasoning>', '</reasoning>', '<answer>', '</answer>'] as const;

/** What a skeptic can say of two answers. */
export const VERDICTS = ['both', 'forward', 'backward', 'neither'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What a debater said last, as others get to read it. */
export interface Turn {
  readonly role: Exclude<Role, 'synthesizer'>;
  readonly text: string;
}

/** The prompt for a question: of a role, after what others said. */
export function createPrompt(question: string, role: Role = 'forward', turns: readonly Turn[] = []): string {
  const said = turns.map((turn) => TURN_LABELS[turn.role] + turn.text).join('');
  return `${OPENINGS[role]}${question}${said}${PROMPT_END}`;
}

/** A well-formed completion, in the shortest form that the format reward pays in full. */
export function completionText(trace: string, answer: string): string {
  return `<reasoning>${trace}</reasoning><answer>${answer}</answer>`;
}
