/** Opens the runtime for a device name of the configuration, so that nothing else chooses between libraries. */
import type { Device } from '../protocol/names.js';
import { createOnnxRuntime } from './onnxruntime.js';
import { isOrtAvailable } from './ort-library.js';
import type { Runtime } from './runtime.js';

/**
 * `cpu` is ONNX Runtime, `tfjs` TensorFlow.js; `auto` is the first of them that this platform has.
 * `threads` bounds the threads of one operator (ONNX Runtime only).
 */
export async function openRuntime(device: Device, threads: number): Promise<Runtime> {
  if (device === 'cpu' || (device === 'auto' && isOrtAvailable())) return createOnnxRuntime({ threads });
  // Loaded only when asked for: TensorFlow.js takes a second to start.
  const { createTensorflowRuntime } = await import('./tfjs.js');
  return createTensorflowRuntime();
}
