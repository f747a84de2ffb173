/** A feature map of bytes: pixel-major, channels last, as in the image and in every layer tensor. */
export interface ByteMap {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly values: Uint8Array;
}

/** The channels of `first`, then those of `second`, pixel by pixel. */
export function concatenate(first: ByteMap, second: ByteMap): ByteMap {
  const { height, width } = first;
  const channels = first.channels + second.channels;
  const values = new Uint8Array(height * width * channels);
  for (let pixel = 0; pixel < height * width; pixel++) {
    values.set(pixelOf(first, pixel), pixel * channels);
    values.set(pixelOf(second, pixel), pixel * channels + first.channels);
  }
  return { height, width, channels, values };
}

/** Channels `start` … `end` - 1 of a map. */
export function sliceChannels({ height, width, channels, values }: ByteMap, start: number, end: number) {
  const slice = new Uint8Array(height * width * (end - start));
  for (let pixel = 0; pixel < height * width; pixel++) {
    slice.set(values.subarray(pixel * channels + start, pixel * channels + end), pixel * (end - start));
  }
  return slice;
}

function pixelOf({ channels, values }: ByteMap, pixel: number): Uint8Array {
  return values.subarray(pixel * channels, (pixel + 1) * channels);
}
