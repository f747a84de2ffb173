/** Whether a header's numbers agree with one another and with the geometry. */
import { tapeFieldImplausible } from '../../gen/diagnostics/tape.ts';
import { type Geometry, INPUT_LANES } from '../../gen/geometry/geometry.ts';
import type { TapeHeader } from './tape.ts';

/** Colours of an image pixel. */
export const IMAGE_CHANNELS = 3;

/** Throws FF606 for the first field that cannot be. */
export function checkHeader(header: TapeHeader, geometry: Geometry): void {
  const require = (holds: boolean, reason: string) => {
    if (!holds) throw tapeFieldImplausible('header', reason);
  };
  const { imageWidth, imageHeight, kernel, stride, padTop, padLeft } = header;
  require(header.flags === 0, 'flags has an unknown bit set');
  require(header.stages > 0, 'it has no stages');
  require(header.classes > 0 || geometry.extended === 1, 'it has no classes');
  require(imageWidth > 0 && imageHeight > 0, 'the image has no pixels');
  require(Math.max(imageWidth, imageHeight) <=
    geometry.maxSide, `the image is wider than ${geometry.maxSide}`);
  require(header.imageBytes ===
    imageWidth * imageHeight * IMAGE_CHANNELS, 'image bytes are not width x height x 3');
  require(kernel > 0 &&
    kernel <= geometry.maxKernel, `a kernel of ${kernel} is not from 1 to ${geometry.maxKernel}`);
  require(stride > 0, 'the stride is 0');
  require(Math.max(padTop, padLeft) < kernel, 'the padding is not smaller than the kernel');
  const taps = kernel * kernel * IMAGE_CHANNELS;
  require(header.vectors ===
    Math.ceil(taps / INPUT_LANES), `${header.vectors} vectors do not hold ${taps} taps`);
  require(header.outWidth > 0 && header.outHeight > 0, 'the first convolution has no output');
  // Every output pixel must see at least one pixel of the image.
  require((header.outWidth - 1) * stride <
    imageWidth + padLeft, 'the first convolution is wider than the image');
  require((header.outHeight - 1) * stride <
    imageHeight + padTop, 'the first convolution is higher than the image');
  require(header.packGroups > 0, 'the packed buffer holds no group');
  const packEnd = header.packBase + header.vectors * header.packGroups;
  require(packEnd <= geometry.mapWords, `the packed buffer ends at word ${packEnd} of ${geometry.mapWords}`);
  require(header.mapTop <=
    geometry.mapWords, `the maps end at word ${header.mapTop} of ${geometry.mapWords}`);
}
