/** The options by which a model is named and loaded, as `inspect` and `compile` share them. */
import { type Command, Option } from 'commander';
import type { ModelRecord } from '../../gen/compiled.ts';
import { NETWORK_ENDS } from '../../gen/graph/squeezenet.ts';
import { choice, imageSize, wholeNumber } from '../options.ts';

export interface ModelOptions extends Omit<ModelRecord, 'model'> {
  readonly preprocess?: string;
}

/** Adds them to a command. */
export function addModelOptions(command: Command): Command {
  return addShapeOptions(command)
    .addOption(
      new Option('--preprocess <how>', 'torchvision, caffe, or a JSON file of order, mean, scale and resize'),
    )
    .addOption(
      new Option(
        '--weights <which>',
        'of a named model: imagenet (default) or none, for random ones',
      ).argParser(choice('--weights', ['imagenet', 'none'])),
    )
    .addOption(
      new Option('--seed <number>', 'of random weights and synthetic images').argParser(
        wholeNumber('--seed', 0),
      ),
    )
    .addOption(
      new Option(
        '--label-offset <classes>',
        'classes in front of the list of labels (default: 1 of 1001, else 0)',
      ).argParser(wholeNumber('--label-offset', 0)),
    )
    .addOption(
      new Option(
        '--end <what>',
        `what stands behind the last Fire module: ${NETWORK_ENDS.join(', ')}`,
      ).argParser(choice('--end', NETWORK_ENDS)),
    )
    .addOption(
      new Option('--image-padding <how>', 'for the first convolution: none, same, or top,left,bottom,right'),
    )
    .addOption(
      new Option(
        '--classifier-padding <pixels>',
        "zeros around the classifier's input (Caffe's v1.0: 1), for models that do not say",
      ).argParser(wholeNumber('--classifier-padding', 0)),
    );
}

/** Adds those that change a network's shapes. */
export function addShapeOptions(command: Command): Command {
  return command
    .addOption(new Option('--side <pixels>', 'side of a square image').argParser(wholeNumber('--side')))
    .addOption(
      new Option('--size <HxW>', 'height x width of an image, in pixels').argParser(imageSize('--size')),
    )
    .addOption(
      new Option('--classes <number>', 'number of classes, with random weights').argParser(
        wholeNumber('--classes'),
      ),
    );
}

/** What of the options a build has to remember to load the model again. */
export function modelRecord(
  model: string,
  { weights, side, size, classes, seed, labelOffset, imagePadding, end, classifierPadding }: ModelOptions,
): ModelRecord {
  return {
    model,
    ...(weights !== undefined && { weights }),
    ...(side !== undefined && { side }),
    ...(size !== undefined && { size }),
    ...(classes !== undefined && { classes }),
    ...(seed !== undefined && { seed }),
    ...(labelOffset !== undefined && { labelOffset }),
    ...(imagePadding !== undefined && { imagePadding }),
    ...(end !== undefined && { end }),
    ...(classifierPadding !== undefined && { classifierPadding }),
  };
}
