/** Imports the plan of a user's own module, whose author is trusted as whoever starts the run is. */
import { DialecticError } from '../errors.js';
import type { MakePlan } from './plan.js';

/** `url`: a `file:` URL. Errors: CONFIG for a module that cannot be imported, or whose default export is no function. */
export async function importPlan(url: string): Promise<MakePlan> {
  const refuse = (found: string, cause?: unknown): DialecticError => {
    const expected = 'a default export that takes a PlanSetting and gives a Plan';
    return new DialecticError('CONFIG', `plan: ${url} ${found}; expected ${expected}`, { cause });
  };
  let module: { default?: unknown };
  try {
    module = (await import(url)) as typeof module;
  } catch (error) {
    throw refuse(`cannot be imported (${error instanceof Error ? error.message : String(error)})`, error);
  }
  if (typeof module.default !== 'function') throw refuse('has no function as its default export');
  return module.default as MakePlan;
}
