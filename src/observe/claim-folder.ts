/**
 * The folder that a command writes to: one that a user named, or the first free one of a numbered row.
 *
 * Invariants:
 * - nothing is ever overwritten: a folder that holds anything is refused, untouched;
 * - a numbered name is claimed by creating it, so that two processes never get the same.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DialecticError } from '../errors.js';

const MAX_COUNTER = 9999;

/**
 * Creates the folder, or finds it empty; gives its absolute path. `option` is what the user named it with, such as `--out`.
 * Errors: CONFIG for one that holds something, or that cannot be created.
 */
export function claimFolder(path: string, option: string): string {
  const folder = resolve(path);
  makeFolder(folder, option);
  const found = readdirSync(folder);
  if (found.length === 0) return folder;
  throw new DialecticError(
    'CONFIG',
    `${option} ${folder} is not empty (it holds ${found.slice(0, 3).join(', ')}). Nothing is ever overwritten: name a new one.`,
  );
}

/**
 * Creates `<parent>/<stem>-NNN` with the first counter that no other has; gives its absolute path. `option` is what names a folder
 * instead. Errors: CONFIG for a place where none can be created, or where all counters are taken.
 */
export function claimNumberedFolder(parent: string, stem: string, option: string): string {
  const folder = resolve(parent);
  makeFolder(folder, option);
  for (let counter = 1; counter <= MAX_COUNTER; counter++) {
    const path = join(folder, `${stem}-${String(counter).padStart(3, '0')}`);
    try {
      // Not recursive: creating it is the claim, and a second process fails here.
      mkdirSync(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(path, option, error);
    }
  }
  throw new DialecticError(
    'CONFIG',
    `${folder} holds ${MAX_COUNTER} folders named ${stem}. Name another with ${option}, or remove old ones.`,
  );
}

/** The absolute path of a folder that is to appear only when complete. Errors: CONFIG if there is something already. */
export function absentFolder(path: string, option: string): string {
  const folder = resolve(path);
  if (!existsSync(folder)) return folder;
  throw new DialecticError(
    'CONFIG',
    `${option} ${folder} exists already; name a folder that does not, or remove it`,
  );
}

/** A plain name for folders made after a model: the last part of its path, without what a shell or a listing trips over. */
export function folderNameOf(model: string): string {
  const name = basename(resolve(model))
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^\.+/, '');
  return name || 'model';
}

function makeFolder(path: string, option: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw unwritable(path, option, error);
  }
}

function unwritable(path: string, option: string, cause: unknown): DialecticError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DialecticError(
    'CONFIG',
    `${option} ${path} cannot be created (${reason}). Name a folder that is new or empty, where you may write.`,
    { cause },
  );
}
