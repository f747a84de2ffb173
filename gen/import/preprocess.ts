/** How an image becomes a network's input: the named presets, and descriptions in a JSON file. */
import { preprocessInvalid, preprocessMissing, preprocessNotGray } from '../diagnostics/model.ts';
import type { Preprocess } from '../graph/network.ts';
import { parseJson } from '../parse-json.ts';
import { readTextFile } from '../read-file.ts';

/** Side to which the published recipes resize before the crop; a larger network takes its own side. */
const PUBLISHED_RESIZE = 256;

export type PresetName = 'torchvision' | 'caffe';
const PRESET_NAMES: readonly PresetName[] = ['torchvision', 'caffe'];

const TORCHVISION_MEAN = [0.485, 0.456, 0.406];
const TORCHVISION_DEVIATION = [0.229, 0.224, 0.225];
const CAFFE_MEAN = [104, 117, 123];

/** A preset for a network of this side. torchvision: RGB, unit variance; caffe: BGR - (104, 117, 123). */
export function preset(name: PresetName, side: number): Preprocess {
  const resize = Math.max(PUBLISHED_RESIZE, side);
  return name === 'caffe'
    ? { order: 'bgr', mean: CAFFE_MEAN, scale: [1, 1, 1], resize }
    : {
        order: 'rgb',
        mean: TORCHVISION_MEAN.map((mean) => 255 * mean),
        scale: TORCHVISION_DEVIATION.map((deviation) => 1 / (255 * deviation)),
        resize,
      };
}

/** For who reads the layers alone: any preprocessing that a network of so many channels can have. */
export function anyPreprocess(side: number, channels: number): Preprocess {
  const any = preset('torchvision', side);
  return channels === 1 ? { ...any, order: 'gray' } : any;
}

/**
 * The preprocessing that the user asked for: a preset's name or a JSON file. `undefined` (the model file does
 * not say, nor does the user) is an error that lists the choices. The presets are for color; a network of one
 * channel needs a file that says gray.
 *
 * @param side the longer one of the image.
 */
export function resolvePreprocess(
  wish: string | undefined,
  model: string,
  side: number,
  channels: number,
): Preprocess {
  if (wish === undefined) throw preprocessMissing(model, PRESET_NAMES);
  const preprocess = namedOrRead(wish, side);
  if (channels === 1 && preprocess.order !== 'gray') throw preprocessNotGray(wish, model);
  return preprocess;
}

function namedOrRead(wish: string, side: number): Preprocess {
  if (wish === 'torchvision' || wish === 'caffe') return preset(wish, side);
  let text: string;
  try {
    text = readTextFile(wish);
  } catch {
    throw preprocessInvalid(wish, 'it is neither a preset nor a file that can be read', PRESET_NAMES);
  }
  return parsePreprocess(text, wish, side);
}

const KEYS = ['order', 'mean', 'scale', 'resize'];

/**
 * Parses `{"order": "rgb" | "bgr" | "gray", "mean": [3 numbers], "scale": [3 numbers], "resize": pixels}`; mean
 * and scale are in the network's channel order, raw values 0..255. Of gray one number is enough.
 */
export function parsePreprocess(text: string, file: string, side: number): Preprocess {
  const refuse = (reason: string) => preprocessInvalid(file, reason, PRESET_NAMES);
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch {
    throw refuse('it is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw refuse('it is not a JSON object');
  }
  const { order, resize, ...perChannel } = parsed as Record<string, unknown>;
  const stranger = Object.keys(parsed).find((key) => !KEYS.includes(key));
  if (stranger !== undefined) throw refuse(`it has an unknown key "${stranger}"`);
  if (order !== 'rgb' && order !== 'bgr' && order !== 'gray') {
    throw refuse('"order" must be "rgb", "bgr" or "gray"');
  }
  const [mean, scale] = [perChannel.mean, perChannel.scale].map((value) =>
    order === 'gray' && Array.isArray(value) && value.length === 1 ? [value[0], value[0], value[0]] : value,
  );
  if (!isTriple(mean)) throw refuse('"mean" must be three finite numbers, in units of 0..255');
  if (!isTriple(scale) || scale.some((factor) => factor === 0)) {
    throw refuse('"scale" must be three finite numbers other than 0');
  }
  if (typeof resize !== 'number' || !Number.isInteger(resize) || resize < side) {
    throw refuse(`"resize" must be a whole number of at least the network's side, ${side}`);
  }
  return { order, mean, scale, resize };
}

function isTriple(value: unknown): value is number[] {
  return Array.isArray(value) && value.length === 3 && value.every((item) => Number.isFinite(item));
}
