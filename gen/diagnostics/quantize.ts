/** Messages about quantizing and calibrations: FF3xx. */
import { type Diagnostic, FireforgeError } from './diagnostic.ts';

const error = (code: Diagnostic['code'], subject: string, reason: string, remedy: string) =>
  new FireforgeError({ code, subject, reason, remedy });

export function calibrationUnreadable(file: string, cause: string): FireforgeError {
  return error(
    'FF301',
    file,
    `the calibration cannot be read (${cause})`,
    'Check the path and its permissions.',
  );
}

export function calibrationInvalid(file: string, reason: string): FireforgeError {
  return error(
    'FF302',
    file,
    `not a valid calibration: ${reason}`,
    'Make a new one with compile --calibrate DIR, from a folder of images.',
  );
}

export function calibrationOfAnotherNetwork(file: string, theirs: string, network: string): FireforgeError {
  return error(
    'FF303',
    file,
    `it was measured on another network (${theirs}) than ${network}: weights, side or preprocessing differ`,
    'Give the calibration of this network, or a folder of images with --calibrate DIR.',
  );
}

export function calibrationMissing(network: string): FireforgeError {
  return error(
    'FF304',
    network,
    'its ranges are not known: no images, no calibration, and none comes with fireforge',
    'Give a folder of images with --calibrate DIR, or a saved calibration with --calibration FILE.',
  );
}

export function calibrationUnwritable(file: string, cause: string): FireforgeError {
  return error('FF305', file, `the calibration cannot be written (${cause})`, 'Choose another path.');
}

export function noCalibrationImages(network: string): FireforgeError {
  return error(
    'FF306',
    network,
    'there is no image to calibrate on',
    'Give a folder with at least one image with --calibrate DIR.',
  );
}

export function activationNotFinite(layer: string): FireforgeError {
  return error(
    'FF307',
    layer,
    'an activation is not a finite number on a calibration image',
    'Check the weights of the layers before it: they overflow float32.',
  );
}

export function signedActivation(layer: string): FireforgeError {
  return error(
    'FF310',
    layer,
    'no ReLU follows it; activations are unsigned bytes',
    'Use a network whose convolutions, but for the classifier, are each followed by a ReLU.',
  );
}

export function unquantizedLayer(layer: string, reason: string): FireforgeError {
  return error(
    'FF312',
    layer,
    reason,
    'Use a network of the Fire family: conv1, Fire modules and max-pools, a 1x1 classifier, a global average pool.',
  );
}
