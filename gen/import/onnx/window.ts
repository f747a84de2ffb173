/** The sliding window of a convolution or pool: ONNX's attributes → kernel, stride and padding in pixels. */
import { onnxAttributeUnsupported } from '../../diagnostics/model.ts';
import type { ImageShape, Padding } from '../../graph/network.ts';
import { samePadding } from '../../graph/shapes.ts';
import { MAX_SIDE } from '../../graph/squeezenet.ts';
import type { OnnxNode } from './node.ts';

export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
}

/** `kernel` is what the weights say, for convolutions, where the attribute may be left out. */
export function readWindow(file: string, node: OnnxNode, input: ImageShape, kernel?: number): Window {
  const refuse = (reason: string) => onnxAttributeUnsupported(file, node.label, reason);
  const square = (attribute: string, otherwise: number): number => {
    const [height = otherwise, width = otherwise, ...rest] = node.ints(attribute) ?? [];
    if (height !== width || rest.length > 0) {
      throw refuse(`its attribute ${attribute} is ${[height, width, ...rest].join('x')}, not square`);
    }
    return height;
  };
  const size = square('kernel_shape', kernel ?? 0);
  if (kernel !== undefined && size !== kernel) {
    throw refuse(`its kernel_shape is ${size}, but its weights are ${kernel}x${kernel}`);
  }
  const stride = square('strides', 1);
  if (size < 1 || stride < 1) throw refuse('its kernel_shape and strides must be at least 1');
  if (Math.max(size, stride) > MAX_SIDE) throw refuse(`its kernel_shape or strides are over ${MAX_SIDE}`);
  if (square('dilations', 1) !== 1) throw refuse('it is dilated');
  const padding = readPadding(node, input, size, stride);
  if (!padding)
    throw refuse('its pads are not four numbers from 0 to under the kernel, or its auto_pad is unknown');
  return { kernel: size, stride, padding };
}

function readPadding(node: OnnxNode, input: ImageShape, kernel: number, stride: number): Padding | undefined {
  const [top, left, bottom, right, ...rest] = node.ints('pads') ?? [0, 0, 0, 0];
  switch (node.text('auto_pad', 'NOTSET')) {
    case 'NOTSET': {
      const sides = [top, left, bottom, right];
      const valid = rest.length === 0 && sides.every((side) => side >= 0 && side < Math.max(kernel, 2));
      return valid ? { top, left, bottom, right } : undefined;
    }
    case 'VALID':
      return { top: 0, left: 0, bottom: 0, right: 0 };
    case 'SAME_UPPER': {
      const [height, width] = [
        samePadding(input.height, kernel, stride),
        samePadding(input.width, kernel, stride),
      ];
      return { top: height.less, left: width.less, bottom: height.more, right: width.more };
    }
    case 'SAME_LOWER': {
      const [height, width] = [
        samePadding(input.height, kernel, stride),
        samePadding(input.width, kernel, stride),
      ];
      return { top: height.more, left: width.more, bottom: height.less, right: width.less };
    }
    default:
      return undefined;
  }
}
