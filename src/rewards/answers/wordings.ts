/**
 * Answers in words that may be written in several ways: yes and no, multiple choice, lists of steps, complexities.
 *
 * Invariants: no synonym, no substring: only letters' case where it carries nothing, markers and separators are ignored; an answer
 * that names two options is none.
 */

const MAX_LENGTH = 8000;
const MAX_STEPS = 200;
const BOOLEANS = new Map(
  ['true', 'false', 'yes', 'no'].flatMap((word) => [
    [word, word],
    [word[0]!.toUpperCase() + word.slice(1), word],
    [word.toUpperCase(), word],
  ]),
);

/** `True`, `true` and `TRUE` are one answer; `yes` is another. */
export function sameBoolean(gold: string, given: string): boolean {
  const wanted = BOOLEANS.get(gold);
  return wanted !== undefined && wanted === BOOLEANS.get(given);
}

interface Choice {
  readonly letter: string;
  readonly text: string;
}

/** `B`, `(B)`, `B.`, `B)`, `(B) text`, `B: text`, `B. text`; null for anything else, and for text that names another option. */
function parseChoice(text: string): Choice | null {
  if (text.length > 300) return null;
  const match = /^(?:\(([A-J])\)|([A-J])(?:[.):](?= |$)|$))(?: (.*))?$/.exec(text);
  if (!match) return null;
  const rest = match[3] ?? '';
  if (/(?:^|[^A-Za-z0-9])[A-J](?:$|[^A-Za-z0-9'])/.test(rest) || /\b(?:or|and|not)\b/i.test(rest))
    return null;
  return { letter: (match[1] ?? match[2])!, text: rest };
}

/** Whether both name the same option; where both write it out, the texts agree as well. */
export function sameChoice(gold: string, given: string): boolean {
  const wanted = parseChoice(gold);
  const found = wanted && parseChoice(given);
  if (!wanted || !found || wanted.letter !== found.letter) return false;
  return wanted.text === '' || found.text === '' || wanted.text === found.text;
}

const MARKER = /^(?:[Ss]tep )?[0-9]{1,3}[.):] ?|^[-*•] /;

/** Pieces of `1. a 2. b 3. c` with numbers in order from 1; null for anything else. */
function numberedPieces(text: string): string[] | null {
  const pieces: string[] = [];
  let start = 0;
  for (let number = 1; number <= MAX_STEPS; number++) {
    const marker = `${number === 1 ? '' : ' '}${number}. `;
    const at = text.indexOf(marker, start);
    if (at < 0 || (number === 1 && at > 0)) return number > 2 ? [...pieces, text.slice(start)] : null;
    if (number > 1) pieces.push(text.slice(start, at));
    start = at + marker.length;
  }
  return null;
}

/** The steps of a plan: lines, numbered pieces, or pieces between arrows, semicolons or commas. */
function parseSteps(text: string): string[] | null {
  if (text.length > MAX_LENGTH) return null;
  const flat = text.replace(/\s+/g, ' ').trim();
  const separator = text.includes('\n') ? '\n' : ['→', '->', ';'].find((each) => text.includes(each));
  const pieces = separator ? text.split(separator) : (numberedPieces(flat) ?? flat.split(','));
  if (pieces.length > MAX_STEPS) return null;
  const steps = pieces.map((piece) => {
    const step = piece.replace(/\s+/g, ' ').trim().replace(MARKER, '').replace(/[.,]$/, '').trim();
    // A sentence begins in either case; a word alone may be a name or a program's output.
    return step.includes(' ') ? step[0]!.toLowerCase() + step.slice(1) : step;
  });
  return steps.includes('') ? null : steps;
}

/** Whether both list the same steps in the same order; a list has at least three steps. Texts with their line breaks. */
export function sameSteps(gold: string, given: string): boolean {
  const wanted = parseSteps(gold);
  if (!wanted || wanted.length < 3) return false;
  const found = parseSteps(given);
  return found !== null && wanted.length === found.length && wanted.every((step, i) => step === found[i]);
}

/** `O(n log n)`, `O(n²)`, `O(n**2)`: a complexity in one spelling; null for anything else. */
function canonicalComplexity(text: string): string | null {
  if (text.length > 60 || !/^[OΘΩ]\(.+\)$/.test(text)) return null;
  return text.replaceAll('²', '^2').replaceAll('³', '^3').replaceAll('**', '^').replace(/[ *·]/g, '');
}

export function sameComplexity(gold: string, given: string): boolean {
  const wanted = canonicalComplexity(gold);
  return wanted !== null && wanted === canonicalComplexity(given);
}
