/**
 * Teaches TensorFlow.js's core its gradients, so that `tf.grads` works in tests.
 *
 * The product differentiates on its own and installs the core alone. The core's gradients are published only as ES modules that
 * are written for bundlers: without file extensions, in a package that does not call itself a module. Hooks of Node's
 * loader make up for both. What they load registers itself with the one engine and the one registry that all copies of the core share.
 */
import { register } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';

const HOOKS = `
  const inCore = (url) => /\\/@tensorflow\\/tfjs-core\\/dist\\//.test(url ?? '');
  export const resolve = (specifier, context, next) =>
    next(specifier.startsWith('.') && inCore(context.parentURL) ? specifier.replace(/(\\.js)?$/, '.js') : specifier, context);
  export const load = (url, context, next) =>
    next(url, inCore(url) && !url.endsWith('.node.js') ? { ...context, format: 'module' } : context);`;

/** From now on `tf.grad` and its kin know every operation. */
export async function registerGradients(): Promise<void> {
  if (tf.getGradient('Add') !== undefined) return;
  register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
  await import('@tensorflow/tfjs-core/dist/register_all_gradients.js');
}
