/** What each command takes from the command line; `undefined` means that the command's own default holds. */
import type { FlagValue } from '../config/resolve.js';
import type { FieldMap } from '../data/dataset/formats.js';
import type { BadRowRule, DataFormat, Strategy } from '../protocol/index.js';

export interface TrainOptions {
  /** JSON configuration file. */
  readonly file?: string;
  readonly sets: readonly (readonly [key: string, text: string])[];
  readonly flags: readonly FlagValue[];
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly debug: boolean;
}

export interface PretrainOptions {
  readonly out?: string;
  readonly tokens?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly json: boolean;
  readonly color: boolean;
  readonly debug: boolean;
}

/** How the rows of a user's file are laid out, and what a bad one does. */
export interface FileOptions {
  readonly format?: DataFormat;
  /** Not beside `format`. */
  readonly fields?: FieldMap;
  readonly onBadRow?: BadRowRule;
}

export interface DataOptions extends FileOptions {
  /** File to check; nothing is generated then. */
  readonly check?: string;
  /** Folder of the dataset, new or empty. */
  readonly out?: string;
  readonly seed?: number;
  readonly augment: boolean;
  readonly json: boolean;
  readonly color: boolean;
  readonly debug: boolean;
}

export interface EvalOptions extends FileOptions {
  readonly model?: string;
  /** File of problems; held-out ones where left out. */
  readonly data?: string;
  /** Modules of rewards. */
  readonly rewards?: readonly string[];
  readonly samples?: number;
  readonly problems?: number;
  readonly seed?: number;
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly threads?: number;
  readonly out?: string;
  readonly json: boolean;
  readonly color: boolean;
  readonly debug: boolean;
}

export interface SolveOptions {
  /** Not blank. */
  readonly question: string;
  readonly model?: string;
  /** Annealing is none: it learns from rewards. */
  readonly strategy?: Strategy;
  /** Tokens that may be sampled. */
  readonly budget?: number;
  readonly samples?: number;
  /** 0 is greedy. */
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly seed?: number;
  readonly out?: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly debug: boolean;
}

export interface DoctorOptions {
  readonly model?: string;
  readonly json: boolean;
  readonly color: boolean;
  readonly debug: boolean;
}
