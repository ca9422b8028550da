/**
 * The tokenizer of the nano policy, built from the generators so that a word of theirs is one token.
 *
 * A byte-level BPE without merges: a piece of text that is in the vocabulary is one token (`ignore_merges`), any other
 * falls apart into its UTF-8 bytes, so that nothing is unknown and nothing is lost.
 *
 * Invariants:
 * - decode(encode(text)) is the text, for every well-formed Unicode text;
 * - a digit is always one token, and always the same one: a space before a number belongs to the word or sign before
 *   it (" = ", "Step "), which costs no token and keeps ten digits instead of twenty;
 * - each fixed part of a prompt is ONE token: at this size the instructions carry no information, and
 *   spelled out they would cost some 60 tokens of every sequence, most of a policy's time;
 * - the result depends on nothing but the generators.
 */
import { Random } from '../random.js';
import { TOPICS } from './dataset/catalogue.js';
import { DIFFICULTIES } from './dataset/example.js';
import { OPENINGS, PROMPT_END, TAGS, TURN_LABELS } from './prompt.js';
import { WarmStart, worked } from './warm-start.js';

/** The three files of a tokenizer in the Hugging Face layout. */
interface TokenizerFiles {
  readonly 'tokenizer.json': object;
  readonly 'tokenizer_config.json': object;
  readonly 'special_tokens_map.json': object;
}

const SPECIAL_TOKENS = ['<pad>', '<bos>', '<eos>'] as const;

/** A word or a run of signs takes one space on its left, and one on its right only before a digit (signs, words). */
const PIECES = [
  '[0-9]',
  ' ?[A-Za-z]+(?: (?=[0-9]))?',
  ' ?[^A-Za-z0-9 \\t\\r\\n]+(?: (?=[0-9]))?',
  '[ \\t\\r\\n]+',
].join('|');

const SAMPLE_SEED = 1;
/** Examples of each topic and difficulty, all splits, and of the warm start. */
const SAMPLES_PER_TOPIC = 200;
const WARM_START_SAMPLES = 2000;
const VOCABULARY_MULTIPLE = 16;

/** The printable character that stands for each byte in a byte-level vocabulary (GPT-2's table). */
function byteSymbols(): string[] {
  const symbols: string[] = [];
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    symbols.push(String.fromCharCode(isPrintable ? byte : next++));
  }
  return symbols;
}

/** Texts that hold every word which the generators may write, but for rare chance. */
function* sampleTexts(): Generator<string> {
  for (const topic of TOPICS) {
    for (const difficulty of DIFFICULTIES) {
      for (let i = 0; i < SAMPLES_PER_TOPIC; i++) {
        const random = new Random(SAMPLE_SEED, 'vocabulary', topic.name, difficulty, i);
        const { question, answer, work = [] } = topic.draw(random, difficulty).write(random, random);
        yield* [question, answer, worked(work)];
      }
    }
  }
  const warmStart = new WarmStart(SAMPLE_SEED);
  for (let i = 0; i < WARM_START_SAMPLES; i++) {
    const { question, completion } = warmStart.example(i);
    yield* [question, ...completion.split(/<\/?[a-z]+>/)];
  }
}

/** What is one token whatever the vocabulary. */
function fixedParts(): string[] {
  return [...TAGS, ...Object.values(OPENINGS), ...Object.values(TURN_LABELS), PROMPT_END];
}

/** Pieces of more than one byte in the sample, by code point, spelled with byte symbols. */
function gatherWords(symbols: readonly string[]): string[] {
  const words = new Set<string>();
  const pieces = new RegExp(PIECES, 'gu');
  for (const text of sampleTexts()) for (const piece of text.match(pieces) ?? []) words.add(piece);
  const encoder = new TextEncoder();
  return [...words]
    .map((word) => [...encoder.encode(word)].map((byte) => symbols[byte]).join(''))
    .filter((word) => word.length > 1)
    .sort();
}

/** The vocabulary in order of token id: special tokens, tags, prompt parts, bytes, words, unused ones. */
function buildVocabulary(): string[] {
  const symbols = byteSymbols();
  const vocabulary = [...SPECIAL_TOKENS, ...fixedParts(), ...symbols, ...gatherWords(symbols)];
  for (let i = 0; vocabulary.length % VOCABULARY_MULTIPLE !== 0; i++) vocabulary.push(`<unused${i}>`);
  return vocabulary;
}

/**
 * Tokenizer files of the nano policy. Nothing is added on encoding; the chat template writes `<bos>` and the contents
 * of the messages one after another, and a completion ends with `<eos>`.
 */
export function buildNanoTokenizer(): TokenizerFiles {
  const vocabulary = buildVocabulary();
  const fixed = [...SPECIAL_TOKENS, ...fixedParts()];
  const addedTokens = fixed.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: id < SPECIAL_TOKENS.length,
  }));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
  const names = { bos_token: '<bos>', eos_token: '<eos>', pad_token: '<pad>' };
  return {
    'tokenizer.json': {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: addedTokens,
      normalizer: null,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: PIECES }, behavior: 'Isolated', invert: false },
          byteLevel,
        ],
      },
      post_processor: null,
      decoder: byteLevel,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: true,
        vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
        merges: [],
      },
    },
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      ...names,
      add_bos_token: false,
      add_eos_token: false,
      clean_up_tokenization_spaces: false,
      padding_side: 'right',
      chat_template: "{{ bos_token }}{% for message in messages %}{{ message['content'] }}{% endfor %}",
    },
    'special_tokens_map.json': names,
  };
}
