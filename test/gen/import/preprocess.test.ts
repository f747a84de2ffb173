import { describe, expect, it } from 'vitest';
import { parsePreprocess, preset, resolvePreprocess } from '../../../gen/import/preprocess.ts';
import { diagnosticOf } from './errors.ts';

describe('preset', () => {
  it("is torchvision's normalization in units of 0..255", () => {
    const { order, mean, scale, resize } = preset('torchvision', 224);
    expect({ order, resize }).toEqual({ order: 'rgb', resize: 256 });
    // (raw / 255 - mean) / deviation, for white in the first channel.
    expect((255 - mean[0]) * scale[0]).toBeCloseTo((1 - 0.485) / 0.229, 12);
    expect((0 - mean[2]) * scale[2]).toBeCloseTo(-0.406 / 0.225, 12);
  });

  it("is Caffe's mean in BGR, and never resizes below the side", () => {
    expect(preset('caffe', 227)).toEqual({
      ...{ order: 'bgr', mean: [104, 117, 123], scale: [1, 1, 1], resize: 256 },
    });
    expect(preset('caffe', 300).resize).toBe(300);
  });
});

describe('resolvePreprocess', () => {
  it('makes one number of a gray image three, and asks for gray where a network reads one channel', async () => {
    const text = '{"order": "gray", "mean": [100], "scale": [0.5], "resize": 240}';
    const gray = { order: 'gray', mean: [100, 100, 100], scale: [0.5, 0.5, 0.5], resize: 240 };
    expect(parsePreprocess(text, 'p.json', 224)).toEqual(gray);
    const three = '{"order": "gray", "mean": [1, 2, 3], "scale": [1, 1, 1], "resize": 240}';
    expect(parsePreprocess(three, 'p.json', 224).mean).toEqual([1, 2, 3]);
    const diagnostic = await diagnosticOf(() => resolvePreprocess('caffe', 'm.onnx', 224, 1));
    expect(diagnostic).toMatchObject({
      code: 'FF144',
      reason: 'm.onnx reads images of one channel, this makes three',
    });
  });

  it('lists the choices when nothing is said, or nonsense', async () => {
    const silent = await diagnosticOf(() => resolvePreprocess(undefined, 'm.onnx', 224, 3));
    expect(silent).toEqual({
      code: 'FF136',
      subject: 'm.onnx',
      reason: 'the file does not say how its input was normalized',
      remedy:
        'Add --preprocess with one of torchvision, caffe, or with a JSON file of order, mean, scale and resize.',
    });
    const nonsense = await diagnosticOf(() => resolvePreprocess('keras', 'm.onnx', 224, 3));
    expect(nonsense.reason).toBe('it is neither a preset nor a file that can be read');
    expect(nonsense.remedy).toMatch('torchvision, caffe');
  });
});

describe('parsePreprocess', () => {
  const good = { order: 'rgb', mean: [1, 2, 3], scale: [0.1, 0.2, 0.3], resize: 240 };
  const refusal = async (change: object) => {
    const text = JSON.stringify({ ...good, ...change });
    return (await diagnosticOf(() => parsePreprocess(text, 'p.json', 224))).reason;
  };

  it('takes a full description', () => {
    expect(parsePreprocess(JSON.stringify(good), 'p.json', 224)).toEqual(good);
  });

  it('refuses everything else by name', async () => {
    expect(await refusal({ order: 'gbr' })).toMatch('"order" must be');
    expect(await refusal({ mean: [1, 2] })).toMatch('"mean" must be three finite numbers');
    expect(await refusal({ scale: [1, 0, 1] })).toMatch('"scale" must be three finite numbers other than 0');
    expect(await refusal({ resize: 200 })).toMatch("at least the network's side, 224");
    expect(await refusal({ std: [1, 1, 1] })).toMatch('an unknown key "std"');
    expect((await diagnosticOf(() => parsePreprocess('{', 'p.json', 224))).reason).toBe('it is not JSON');
    expect((await diagnosticOf(() => parsePreprocess('[]', 'p.json', 224))).reason).toMatch(
      'not a JSON object',
    );
  });
});
