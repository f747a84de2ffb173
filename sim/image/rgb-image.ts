/** An image in memory: 8-bit RGB, row-major, the three channels of a pixel side by side. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** height × width × 3. */
  readonly data: Uint8Array;
}

export const RGB_CHANNELS = 3;
